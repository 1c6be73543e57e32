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
  readonly reason: "UnsupportedValue" | "Invalid";
  /** Whether the policy is in force in spite of the note. */
  readonly accepted: boolean;
  readonly message: string;
}

/** An AuthorizationPolicy, made ready for the proxies. */
export interface CompiledAuthorization {
  /** For the agents; absent when the policy is for layer 7 proxies alone or is not supported there. */
  readonly authorization?: Authorization;
  /** For the gateways that `bindsGateway` names and the waypoints that `bindsService` and `bindsWaypoint` name. */
  readonly http?: HttpAuthorization;
  /** A CUSTOM policy asks for this authorizer, which is not known: what it matches is denied. */
  readonly unknownProvider?: string;
  readonly notes: readonly StatusNote[];
}

/** Namespace whose selector-less policies bind the whole mesh. */
export const rootNamespaceDefault = "istio-system";

const dryRunAnnotation = "istio.io/dry-run";

/** What istiod takes for true in an annotation (Go's `strconv.ParseBool`); what it cannot read is false. */
const trueTexts = new Set(["1", "t", "T", "TRUE", "true", "True"]);

/** The resources that a policy targets; none for one that binds by selector or namespace. */
export const targetRefsOf = ({ spec }: AuthorizationPolicyResource): readonly TargetRefFields[] =>
  spec?.targetRefs !== undefined && spec.targetRefs.length > 0
    ? spec.targetRefs
    : spec?.targetRef
      ? [spec.targetRef]
      : [];

/**
 * Compiles a policy as istiod does for ztunnel and for layer 7 proxies, with the deviations named in
 * `compile-rule-l4.ts`. What cannot be compiled at all becomes a policy that denies everything in its scope: it was
 * written to restrict, and to leave it out would open what it guards. `isKnownProvider` tells the authorizers that
 * MeshConfig has; without it none is known, and CUSTOM denies what it matches.
 */
export function compileAuthorization(
  resource: AuthorizationPolicyResource,
  rootNamespace: string = rootNamespaceDefault,
  isKnownProvider: (name: string) => boolean = () => false,
): CompiledAuthorization {
  const place = placeOf(resource, rootNamespace);
  try {
    return compile(resource, place, isKnownProvider);
  } catch (error) {
    const message = `the policy cannot be read and denies everything in its scope: ${error instanceof Error ? error.message : String(error)}`;
    const { name, namespace, scope, targeted } = place;
    return {
      ...(targeted
        ? {}
        : { authorization: { name, namespace, scope, action: "DENY", dryRun: false, groups: [{ rules: [] }] } }),
      http: { ...base(place), action: "DENY", rules: [{ from: [], to: [], when: [] }] },
      notes: [{ reason: "Invalid", accepted: false, message }],
    };
  }
}

/** Where a policy stands and what it binds. */
interface Place {
  readonly name: string;
  readonly namespace: string;
  readonly targeted: boolean;
  readonly scope: Scope;
}

const placeOf = (resource: AuthorizationPolicyResource, rootNamespace: string): Place => ({
  name: nameOf(resource),
  namespace: namespaceOf(resource),
  targeted: targetRefsOf(resource).length > 0,
  scope: scopeOf(resource, rootNamespace),
});

function scopeOf(resource: AuthorizationPolicyResource, rootNamespace: string): Scope {
  if (resource.spec?.selector !== undefined) {
    return "WORKLOAD_SELECTOR";
  }
  return namespaceOf(resource) === rootNamespace ? "GLOBAL" : "NAMESPACE";
}

function compile(
  resource: AuthorizationPolicyResource,
  place: Place,
  isKnownProvider: (name: string) => boolean,
): CompiledAuthorization {
  const { name, namespace, targeted, scope } = place;
  const action = resource.spec?.action ?? "ALLOW";
  const rules = resource.spec?.rules ?? [];
  if (trueTexts.has(resource.metadata.annotations?.[dryRunAnnotation] ?? "")) {
    // Layer 7 proxies get shadow rules although the condition says otherwise, as with istiod.
    const { http } = compileHttp(resource, place, true, isKnownProvider);
    return { http, notes: [refused(dryRunMessage(namespace, name))] };
  }
  const compiled = compileHttp(resource, place, false, isKnownProvider);
  if (targeted) {
    return { ...compiled, notes: [] };
  }
  if (action !== "ALLOW" && action !== "DENY") {
    return { ...compiled, notes: [refused(`ztunnel does not support the ${action} action`)] };
  }
  const groups = rules.map((rule) => compileRuleL4(rule, action, namespace)).filter((group) => group !== undefined);
  const found = [...new Set(rules.flatMap(httpAttributes))].sort();
  return {
    authorization: { name, namespace, scope, action, dryRun: false, groups },
    ...compiled,
    notes: found.length === 0 ? [] : [httpNote(found, action)],
  };
}

/** An action that nobody knows denies what it matches. */
function compileHttp(
  resource: AuthorizationPolicyResource,
  place: Place,
  dryRun: boolean,
  isKnownProvider: (name: string) => boolean,
): { readonly http: HttpAuthorization; readonly unknownProvider?: string } {
  const action = resource.spec?.action ?? "ALLOW";
  const rules = compileRules(resource.spec?.rules ?? [], action === "ALLOW" ? "ALLOW" : "DENY", place.namespace);
  const http = { ...base(place), dryRun, rules };
  if (action === "ALLOW" || action === "AUDIT") {
    return { http: { ...http, action } };
  }
  const provider = resource.spec?.provider?.name ?? "";
  if (action === "CUSTOM" && (dryRun || isKnownProvider(provider))) {
    return { http: { ...http, action, provider } };
  }
  // Istio's `deny-due-to-bad-CUSTOM-action`.
  return { http: { ...http, action: "DENY" }, ...(action === "CUSTOM" ? { unknownProvider: provider } : {}) };
}

const compileRules = (rules: readonly RuleFields[], action: Action, namespace: string): HttpAuthorization["rules"] =>
  rules.map((rule) => compileRuleHttp(rule, action, namespace)).filter((rule) => rule !== undefined);

const base = ({ name, namespace }: Place) => ({ name, namespace, dryRun: false, provider: "" });

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
