import type { Authorization } from "./model.ts";

/** Policies that bind a workload, and the names it lists that nobody knows. */
export interface ApplicablePolicies {
  readonly policies: readonly Authorization[];
  readonly unknown: readonly string[];
}

/** All policies a proxy holds, found by scope. */
export interface PolicyIndex {
  readonly byKey: ReadonlyMap<string, Authorization>;
  readonly byNamespace: ReadonlyMap<string, readonly Authorization[]>;
  readonly global: readonly Authorization[];
}

/** What a workload says about its policies (part of `Workload` in `xds/model.ts`). */
export interface PolicySubject {
  readonly namespace: string;
  /** Selector policies, as `<namespace>/<name>`. */
  readonly authorizationPolicies: readonly string[];
}

/** Builds the index; build it anew when a policy changes. */
export function indexPolicies(policies: Iterable<Authorization>): PolicyIndex {
  const byKey = new Map<string, Authorization>();
  const byNamespace = new Map<string, Authorization[]>();
  const global: Authorization[] = [];
  for (const policy of policies) {
    byKey.set(`${policy.namespace}/${policy.name}`, policy);
    if (policy.scope === "GLOBAL") {
      global.push(policy);
    } else if (policy.scope === "NAMESPACE") {
      const group = byNamespace.get(policy.namespace);
      if (group === undefined) {
        byNamespace.set(policy.namespace, [policy]);
      } else {
        group.push(policy);
      }
    }
  }
  return { byKey, byNamespace, global };
}

/** The policies that bind the workload: of its namespace, of the mesh, and those that select it, in ztunnel's order. */
export function selectPolicies(subject: PolicySubject, index: PolicyIndex): ApplicablePolicies {
  const policies = [...(index.byNamespace.get(subject.namespace) ?? []), ...index.global];
  const unknown: string[] = [];
  for (const key of subject.authorizationPolicies) {
    const policy = index.byKey.get(key);
    if (policy === undefined) {
      unknown.push(key);
    } else if (policy.scope === "WORKLOAD_SELECTOR") {
      policies.push(policy);
    }
  }
  return { policies, unknown };
}
