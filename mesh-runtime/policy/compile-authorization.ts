import { compileRuleHttp } from "./compile-rule-http.ts";
import { compileRuleL4 } from "./compile-rule-l4.ts";
import { httpAttributes } from "./http-attributes.ts";
import type { HttpAuthorization } from "./http-model.ts";
import type { Action, Authorization, Scope } from "./model.ts";
import {
  type AuthorizationPolicyResource,
  nameOf,
  namespaceOf,
  type RuleFields,
  type TargetRefFields,
} from "./resource.ts";

/** Something the author must hear, in Istio's words; becomes the condition `ZtunnelAccepted`. */
export interface StatusNote {
  readonly reason: "UnsupportedValue";
  /** Whether the policy is in force in spite of the note. */
  readonly accepted: boolean;
  readonly message: string;
}

/** An AuthorizationPolicy, made ready for the proxies. */
export interface CompiledAuthorization {
  /** For the agents; absent when the policy is for layer 7 proxies alone or is not supported there. */
  readonly authorization?: Authorization;
  /** For the gateways that `bindsGateway` names. */
  readonly http?: HttpAuthorization;
  readonly notes: readonly StatusNote[];
}

/** Namespace whose selector-less policies bind the whole mesh. */
export const rootNamespaceDefault = "istio-system";

const dryRunAnnotation = "istio.io/dry-run";

/** The resources that a policy targets; none for one that binds by selector or namespace. */
export const targetRefsOf = ({ spec }: AuthorizationPolicyResource): readonly TargetRefFields[] =>
  spec?.targetRefs !== undefined && spec.targetRefs.length > 0
    ? spec.targetRefs
    : spec?.targetRef
      ? [spec.targetRef]
      : [];

/**
 * Compiles a policy as istiod does for ztunnel and for layer 7 proxies, with the deviations named in `compile-rule-l4.ts`.
 * A CUSTOM policy whose provider `isKnownProvider` does not know denies what it matches.
 */
export function compileAuthorization(
  resource: AuthorizationPolicyResource,
  rootNamespace: string = rootNamespaceDefault,
  isKnownProvider: (name: string) => boolean = () => false,
): CompiledAuthorization {
  const namespace = namespaceOf(resource);
  const name = nameOf(resource);
  const action = resource.spec?.action ?? "ALLOW";
  const targeted = targetRefsOf(resource).length > 0;
  if (resource.metadata.annotations?.[dryRunAnnotation] === "true") {
    return { notes: [refused(dryRunMessage(namespace, name))] };
  }
  const rules = resource.spec?.rules ?? [];
  if (action !== "ALLOW" && action !== "DENY") {
    const notes = targeted ? [] : [refused(`ztunnel does not support the ${action} action`)];
    const compiled = rules.map((rule) => compileRuleHttp(rule, "DENY", namespace)).filter((rule) => rule !== undefined);
    if (action === "AUDIT") {
      return { http: { name, namespace, action, dryRun: false, provider: "", rules: compiled }, notes };
    }
    const provider = resource.spec?.provider?.name ?? "";
    return isKnownProvider(provider)
      ? { http: { name, namespace, action: "CUSTOM", dryRun: false, provider, rules: compiled }, notes }
      : { http: denyAll(namespace, name, rules), notes };
  }
  const http: HttpAuthorization = {
    name,
    namespace,
    action,
    dryRun: false,
    provider: "",
    rules: rules.map((rule) => compileRuleHttp(rule, action, namespace)).filter((rule) => rule !== undefined),
  };
  if (targeted) {
    return { http, notes: [] };
  }
  const authorization: Authorization = {
    name,
    namespace,
    scope: scopeOf(resource, rootNamespace),
    action,
    dryRun: false,
    groups: rules.map((rule) => compileRuleL4(rule, action, namespace)).filter((group) => group !== undefined),
  };
  const found = [...new Set(rules.flatMap(httpAttributes))].sort();
  return { authorization, http, notes: found.length === 0 ? [] : [httpNote(found, action)] };
}

/**
 * There are no external authorizers here. Istio denies what a CUSTOM policy matches when its provider is unknown
 * (`deny-due-to-bad-CUSTOM-action`); so do we, at layer 7.
 */
const denyAll = (namespace: string, name: string, rules: readonly RuleFields[]): HttpAuthorization => ({
  name,
  namespace,
  action: "DENY",
  dryRun: false,
  provider: "",
  rules: rules.map((rule) => compileRuleHttp(rule, "DENY", namespace)).filter((rule) => rule !== undefined),
});

function scopeOf(resource: AuthorizationPolicyResource, rootNamespace: string): Scope {
  if (resource.spec?.selector !== undefined) {
    return "WORKLOAD_SELECTOR";
  }
  return namespaceOf(resource) === rootNamespace ? "GLOBAL" : "NAMESPACE";
}

const refused = (message: string): StatusNote => ({ reason: "UnsupportedValue", accepted: false, message });

const dryRunMessage = (namespace: string, name: string): string =>
  `found policy "${namespace}/${name}" using dry-run annotation, but support for ambient dry-run authorizationPolicies isn't enabled`;

const consequence: Record<Action, string> = {
  ALLOW: "Within an ALLOW policy, rules matching HTTP attributes are omitted.",
  DENY: "DENY policy with HTTP attributes is enforced without the HTTP rules.",
};

const httpNote = (found: readonly string[], action: Action): StatusNote => ({
  reason: "UnsupportedValue",
  accepted: true,
  message: `ztunnel does not support HTTP attributes (found: ${found.join(", ")}). In ambient mode you must use a waypoint proxy to enforce HTTP rules. ${consequence[action]} This will be more restrictive than requested.`,
});
