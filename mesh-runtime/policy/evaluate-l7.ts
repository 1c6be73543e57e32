/**
 * Decides about requests with Istio's semantics (istio.io "Authorization Policy"): CUSTOM, then DENY, then ALLOW; AUDIT
 * only notes. The caller keeps that order: it asks the authorizers of `matchCustom`, verifies the token, then decides.
 */
import { decide } from "./decide.ts";
import type { Decision } from "./model.ts";
import type { PreparedHttpPolicies } from "./prepare-http.ts";
import type { RequestAttributes, TcpAttributes } from "./request-attributes.ts";
import { RequestContext } from "./request-context.ts";

/** A CUSTOM rule that a request matches: its authorizer is to be asked. */
export interface CustomMatch {
  readonly provider: string;
  /** `<namespace>/<name>` */
  readonly policy: string;
  readonly rule: number;
}

/** DENY, then ALLOW. */
export const evaluateL7 = ({ enforced }: PreparedHttpPolicies, attributes: RequestAttributes): Decision =>
  decide(enforced, new RequestContext(attributes));

/** What the dry-run policies alone would decide; `undefined` when there are none. */
export const evaluateShadow = (
  { shadow }: PreparedHttpPolicies,
  attributes: RequestAttributes,
): Decision | undefined => (shadow.keys.length === 0 ? undefined : decide(shadow, new RequestContext(attributes)));

/** The CUSTOM rules that match, the first of each policy; all of their authorizers must agree. */
export function matchCustom(
  { custom, providers }: PreparedHttpPolicies,
  attributes: RequestAttributes,
): readonly CustomMatch[] {
  if (custom.size === 0) {
    return none;
  }
  return custom.findEach(new RequestContext(attributes)).map((ordinal) => {
    const policy = custom.policyOf(ordinal);
    return {
      provider: providers[policy] ?? "",
      policy: custom.policies[policy]?.key ?? "",
      rule: custom.ruleOf(ordinal),
    };
  });
}

/** Keys of the AUDIT policies that match. */
export function matchAudit({ audit }: PreparedHttpPolicies, attributes: RequestAttributes): readonly string[] {
  if (audit.size === 0) {
    return none;
  }
  return audit
    .findEach(new RequestContext(attributes))
    .map((ordinal) => audit.policies[audit.policyOf(ordinal)]?.key ?? "");
}

/**
 * Decides about a connection that carries no HTTP: what only HTTP can answer never matches for ALLOW, which loses the
 * whole rule, and always for DENY (istiod's generators with `forTCP`). CUSTOM refuses what it matches: nobody asks an
 * authorizer about bytes.
 */
export const evaluateTcp = ({ tcp }: PreparedHttpPolicies, attributes: TcpAttributes): Decision =>
  decide(tcp, new RequestContext({ ...attributes, ...noRequest }));

const none: readonly never[] = Object.freeze([]);

const noRequest = { method: "", host: "", path: "", header: () => undefined };
