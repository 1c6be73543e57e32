import type { CidrMatch, ServiceAccountMatch, StringMatch } from "./model.ts";

/** One `from` entry: fields are ANDed, values ORed. */
export interface HttpSource {
  readonly principals?: readonly StringMatch[];
  readonly notPrincipals?: readonly StringMatch[];
  readonly serviceAccounts?: readonly ServiceAccountMatch[];
  readonly notServiceAccounts?: readonly ServiceAccountMatch[];
  readonly namespaces?: readonly StringMatch[];
  readonly notNamespaces?: readonly StringMatch[];
  readonly ipBlocks?: readonly CidrMatch[];
  readonly notIpBlocks?: readonly CidrMatch[];
  readonly remoteIpBlocks?: readonly CidrMatch[];
  readonly notRemoteIpBlocks?: readonly CidrMatch[];
  /** `<issuer>/<subject>` of a verified token. */
  readonly requestPrincipals?: readonly StringMatch[];
  readonly notRequestPrincipals?: readonly StringMatch[];
}

/** One `to` entry. Hosts compare without regard to case. */
export interface HttpOperation {
  readonly hosts?: readonly StringMatch[];
  readonly notHosts?: readonly StringMatch[];
  readonly ports?: readonly number[];
  readonly notPorts?: readonly number[];
  readonly methods?: readonly StringMatch[];
  readonly notMethods?: readonly StringMatch[];
  readonly paths?: readonly StringMatch[];
  readonly notPaths?: readonly StringMatch[];
}

/** One `when` entry, e.g. key `request.headers[x-test-me]`. */
export interface HttpCondition {
  readonly key: string;
  readonly values?: readonly StringMatch[];
  readonly notValues?: readonly StringMatch[];
}

export interface HttpRule {
  readonly from: readonly HttpSource[];
  readonly to: readonly HttpOperation[];
  readonly when: readonly HttpCondition[];
}

/** An AuthorizationPolicy compiled for an L7 proxy. */
export interface HttpAuthorization {
  readonly name: string;
  readonly namespace: string;
  readonly action: "ALLOW" | "DENY" | "AUDIT" | "CUSTOM";
  /** Evaluated and reported, never enforced (annotation `istio.io/dry-run`). */
  readonly dryRun: boolean;
  /** CUSTOM: name of the external authorizer; empty otherwise. */
  readonly provider: string;
  readonly rules: readonly HttpRule[];
}

/** What a verified token says (RequestAuthentication). */
export interface VerifiedToken {
  /** `<iss>/<sub>` */
  readonly principal: string;
  readonly audiences: readonly string[];
  /** `azp`; empty when absent. */
  readonly presenter: string;
  readonly claims: Readonly<Record<string, unknown>>;
}
