/**
 * Authorization as the proxies evaluate it. The shape follows `istio.security.Authorization` (ztunnel
 * `proto/authorization.proto`), so that what travels over xDS and what the portal simulates are one thing.
 */

export type StringMatch =
  | { readonly kind: "exact"; readonly value: string }
  | { readonly kind: "prefix"; readonly value: string }
  | { readonly kind: "suffix"; readonly value: string }
  | { readonly kind: "presence" };

export interface ServiceAccountMatch {
  readonly namespace: string;
  readonly serviceAccount: string;
}

/** `address` is dotted or colon text, `length` the prefix length in bits. */
export interface CidrMatch {
  readonly address: string;
  readonly length: number;
}

/** Values of one field are ORed, fields are ANDed; an absent or empty field does not restrict. */
export interface Match {
  readonly namespaces?: readonly StringMatch[];
  readonly notNamespaces?: readonly StringMatch[];
  readonly serviceAccounts?: readonly ServiceAccountMatch[];
  readonly notServiceAccounts?: readonly ServiceAccountMatch[];
  readonly principals?: readonly StringMatch[];
  readonly notPrincipals?: readonly StringMatch[];
  readonly sourceIps?: readonly CidrMatch[];
  readonly notSourceIps?: readonly CidrMatch[];
  readonly destinationIps?: readonly CidrMatch[];
  readonly notDestinationIps?: readonly CidrMatch[];
  readonly destinationPorts?: readonly number[];
  readonly notDestinationPorts?: readonly number[];
}

/**
 * Matches are ORed; a match without fields matches everything. A rule without matches, which nobody should send, closes:
 * it matches for DENY (as ztunnel has it) and not for ALLOW.
 */
export interface Rule {
  readonly matches: readonly Match[];
}

/** Rules are ANDed (`from`, `to`, each `when`). A group is one entry of the resource's `rules`. */
export interface Group {
  readonly rules: readonly Rule[];
}

export type Scope = "GLOBAL" | "NAMESPACE" | "WORKLOAD_SELECTOR";
export type Action = "ALLOW" | "DENY";

export interface Authorization {
  readonly name: string;
  readonly namespace: string;
  readonly scope: Scope;
  readonly action: Action;
  readonly dryRun: boolean;
  /** ORed. ALLOW without groups allows nobody. */
  readonly groups: readonly Group[];
}

/** What a layer 4 hop knows of a connection. */
export interface ConnectionAttributes {
  /** `cluster.local/ns/<ns>/sa/<sa>` proven by mutual TLS (no scheme); absent on plain text. */
  readonly sourcePrincipal?: string;
  readonly sourceIp: string;
  readonly destinationIp: string;
  /** The pod's port (targetPort). */
  readonly destinationPort: number;
}

export type DecisionReason =
  | "no-policy-applies"
  | "allowed-by-policy"
  | "denied-by-policy"
  | "no-allow-policy-matched"
  | "unknown-policy";

/** The attribute that decided, named as in an AuthorizationPolicy. */
export type DecidingAttribute =
  | "source.principal"
  | "source.namespace"
  | "source.serviceAccount"
  | "source.ip"
  | "destination.ip"
  | "destination.port"
  | "request.method"
  | "request.path"
  | "request.host"
  | "request.header"
  | "remote.ip"
  | "connection.sni"
  | "request.auth.principal"
  | "request.auth.audiences"
  | "request.auth.presenter"
  | "request.auth.claims"
  | "none";

/** Why a connection or request was let through or refused. */
export interface Decision {
  readonly allowed: boolean;
  readonly reason: DecisionReason;
  /** `<namespace>/<name>` of the policy that decided; for "no-allow-policy-matched" the nearest ALLOW policy. */
  readonly policy?: string;
  /** Index into the policy's groups, from 0: the rule that matched, or the one that came closest. */
  readonly rule?: number;
  readonly attribute?: DecidingAttribute;
  /** All policies that were read, in order of evaluation. */
  readonly evaluated: readonly string[];
}
