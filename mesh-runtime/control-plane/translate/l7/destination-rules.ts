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
  const index = indexByHost(world.destinationRules.values());
  const found = new Map<string, ServiceRules>();
  return ({ namespace, hostname }) => {
    const id = `${namespace}/${hostname}`;
    const known = found.get(id);
    if (known !== undefined) {
      return known;
    }
    const closest = [namespace, facts.rootNamespace]
      .map((from) => closestRules(index, from, { namespace, hostname }))
      .find((rules) => rules.length > 0);
    const rules = closest === undefined ? none : merge(closest);
    found.set(id, rules);
    return rules;
  };
}

/** Rules by namespace and full host; those with wildcards together, by namespace and `*`. */
type HostIndex = ReadonlyMap<string, readonly DestinationRuleInput[]>;

const indexByHost = (rules: Iterable<DestinationRuleInput>): HostIndex =>
  Map.groupBy(rules, (rule) => {
    const host = fullHost(rule.host, rule.namespace);
    return `${rule.namespace}/${host.startsWith("*") ? "*" : host}`;
  });

/** Whether proxies of a namespace may use the rule. */
export const isExportedTo = (
  { namespace: own, exportTo }: { namespace: string; exportTo: readonly string[] },
  namespace: string,
): boolean =>
  exportTo.length === 0 ||
  exportTo.some((entry) => entry === "*" || entry === namespace || (entry === "." && own === namespace));

/** The rules of one namespace whose host fits closest, the oldest first. */
function closestRules(
  index: HostIndex,
  from: string,
  { namespace, hostname }: { readonly namespace: string; readonly hostname: string },
): readonly DestinationRuleInput[] {
  const usable = (rule: DestinationRuleInput): boolean => !rule.clientsOnly && isExportedTo(rule, namespace);
  const exact = (index.get(`${from}/${hostname}`) ?? []).filter(usable);
  const wildcards = exact.length > 0 ? [] : (index.get(`${from}/*`) ?? []).filter(usable);
  const covering = wildcards.filter(({ host }) => hostCovers(host, hostname));
  const best = Math.max(...covering.map(({ host }) => hostWeight(host)));
  return [...exact, ...covering.filter(({ host }) => hostWeight(host) === best)].sort(
    (a, b) => a.createdAtMs - b.createdAtMs || (keyOf(a) < keyOf(b) ? -1 : 1),
  );
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
