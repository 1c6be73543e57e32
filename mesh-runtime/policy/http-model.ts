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
  readonly action: "ALLOW" | "DENY";
  readonly rules: readonly HttpRule[];
}
