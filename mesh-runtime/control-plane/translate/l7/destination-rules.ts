import type { DestinationRuleInput, SubsetInput } from "../input/destination-rule.ts";
import { keyOf } from "../input/lenient.ts";
import type { PortedTrafficPolicyInput, TrafficPolicyInput } from "../input/traffic-policy.ts";
import type { MeshFacts, World } from "../input/world.ts";
import { fullHost, hostCovers, hostWeight } from "./hosts.ts";

/** The DestinationRules of one service, merged. */
export interface ServiceRules {
  readonly policy: PortedTrafficPolicyInput | undefined;
  /** `<namespace>/<name>` of the rule that gave the policy. */
  readonly policyFrom: string | undefined;
  readonly subsets: ReadonlyMap<string, SubsetInput & { readonly from: string }>;
}

/** Finds the rules of services; made once per translation, since it sorts them by namespace. */
export type DestinationRuleLookup = (service: { namespace: string; hostname: string }) => ServiceRules;

const none: ServiceRules = { policy: undefined, policyFrom: undefined, subsets: new Map() };

/**
 * Rules act from the service's own namespace, else from the root namespace; in each the host that fits closest wins
 * whole, and rules of one host are merged, the oldest first (istio/istio `destinationRule`, `mergeDestinationRule`).
 */
export function destinationRuleLookup(world: World, facts: MeshFacts): DestinationRuleLookup {
  const byNamespace = Map.groupBy(world.destinationRules.values(), ({ namespace }) => namespace);
  return ({ namespace, hostname }) => {
    for (const from of new Set([namespace, facts.rootNamespace])) {
      const closest = closestRules(byNamespace.get(from) ?? [], namespace, hostname);
      if (closest.length > 0) {
        return merge(closest);
      }
    }
    return none;
  };
}

/** Whether proxies of a namespace may use the rule. */
export const isExportedTo = (
  { namespace: own, exportTo }: { namespace: string; exportTo: readonly string[] },
  namespace: string,
): boolean =>
  exportTo.length === 0 ||
  exportTo.some((entry) => entry === "*" || entry === namespace || (entry === "." && own === namespace));

function closestRules(
  rules: readonly DestinationRuleInput[],
  namespace: string,
  hostname: string,
): readonly DestinationRuleInput[] {
  let best = -1;
  let found: DestinationRuleInput[] = [];
  for (const rule of rules) {
    const host = fullHost(rule.host, rule.namespace);
    if (rule.clientsOnly || !hostCovers(host, hostname) || !isExportedTo(rule, namespace)) {
      continue;
    }
    const weight = hostWeight(host);
    if (weight > best) {
      best = weight;
      found = [];
    }
    if (weight === best) {
      found.push(rule);
    }
  }
  return found.sort((a, b) => a.createdAtMs - b.createdAtMs || (keyOf(a) < keyOf(b) ? -1 : 1));
}

function merge(rules: readonly DestinationRuleInput[]): ServiceRules {
  const withPolicy = rules.find(({ policy }) => policy !== undefined);
  const subsets = new Map<string, SubsetInput & { from: string }>();
  for (const rule of rules) {
    for (const subset of rule.subsets) {
      if (subset.name !== "" && !subsets.has(subset.name)) {
        subsets.set(subset.name, { ...subset, from: keyOf(rule) });
      }
    }
  }
  return {
    policy: withPolicy?.policy,
    policyFrom: withPolicy === undefined ? undefined : keyOf(withPolicy),
    subsets,
  };
}

/** The rules (`<namespace>/<name>`) behind a cluster: the one that made its subset, and the one that gave the policy. */
export const rulesBehind = (rules: ServiceRules, subset: string): readonly string[] =>
  [...new Set([rules.subsets.get(subset)?.from, rules.policyFrom])].filter((rule) => rule !== undefined);

/** The policy for one port: its exception, which inherits nothing, or the general one. */
function atPort(policy: PortedTrafficPolicyInput | undefined, port: number): TrafficPolicyInput | undefined {
  return policy?.ports.find((entry) => entry.port === port)?.policy ?? policy;
}

/** The policy of a cluster: the service's at that port, overridden part by part by the subset's. */
export function policyOf(rules: ServiceRules, port: number, subset: string): TrafficPolicyInput {
  const general = atPort(rules.policy, port);
  const special = atPort(rules.subsets.get(subset)?.policy, port);
  return {
    loadBalancer: special?.loadBalancer ?? general?.loadBalancer,
    connectionPool: special?.connectionPool ?? general?.connectionPool,
    outlierDetection: special?.outlierDetection ?? general?.outlierDetection,
    retryBudget: special?.retryBudget ?? general?.retryBudget,
  };
}
