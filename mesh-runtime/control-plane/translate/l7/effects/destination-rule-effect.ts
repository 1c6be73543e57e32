import type { ProxyConfig } from "../../../../xds/proxy-config.ts";
import type { WantedCondition } from "../../conditions.ts";
import type { DestinationRuleInput } from "../../input/destination-rule.ts";
import { keyOf } from "../../input/lenient.ts";
import type { ServiceInput } from "../../input/service.ts";
import { hostnameOf, keyOfService } from "../../service-address.ts";
import { clusterRef } from "../cluster-key.ts";
import { type DestinationRuleLookup, isExportedTo, rulesBehind } from "../destination-rules.ts";
import { fullHost, hostCovers, serviceOfHost, unknownHost } from "../hosts.ts";
import {
  type EffectContext,
  effective,
  ineffective,
  listed,
  type Problem,
  proxyName,
  unsupportedFields,
  waypointProblem,
} from "./effect.ts";
import { reachedClusters } from "./reached-clusters.ts";

/** Which proxies use which rule, and for which of them it stands in the configuration without being reached. */
interface Uses {
  readonly acting: ReadonlyMap<string, readonly ProxyConfig[]>;
  readonly idle: ReadonlyMap<string, readonly string[]>;
}

/** Conditions of all DestinationRules, by key. */
export function destinationRuleEffects(
  context: EffectContext,
  lookup: DestinationRuleLookup,
): ReadonlyMap<string, WantedCondition> {
  const { world } = context;
  if (world.destinationRules.size === 0) {
    return new Map();
  }
  const uses = usesOf(context.proxies, lookup);
  return new Map([...world.destinationRules].map(([key, rule]) => [key, effectOf(rule, context, lookup, uses)]));
}

function usesOf(proxies: readonly ProxyConfig[], lookup: DestinationRuleLookup): Uses {
  const acting = new Map<string, ProxyConfig[]>();
  const idle = new Map<string, string[]>();
  for (const proxy of proxies) {
    const reached = reachedClusters(proxy);
    for (const { key } of proxy.clusters) {
      const ref = clusterRef(key);
      const slash = ref?.service.indexOf("/") ?? -1;
      const service = { namespace: ref?.service.slice(0, slash) ?? "", hostname: ref?.service.slice(slash + 1) ?? "" };
      for (const rule of ref === undefined ? [] : rulesBehind(lookup(service), ref.subset)) {
        if (!reached.has(key)) {
          idle.set(rule, [...(idle.get(rule) ?? []), key]);
        } else if (acting.get(rule)?.includes(proxy) !== true) {
          acting.set(rule, [...(acting.get(rule) ?? []), proxy]);
        }
      }
    }
  }
  return { acting, idle };
}

function effectOf(
  rule: DestinationRuleInput,
  context: EffectContext,
  lookup: DestinationRuleLookup,
  uses: Uses,
): WantedCondition {
  const key = keyOf(rule);
  const proxies = uses.acting.get(key) ?? [];
  if (proxies.length === 0) {
    return ineffective(whyIdle(rule, context, lookup, uses));
  }
  const past = proxies.some(({ kind }) => kind === "waypoint")
    ? ""
    : "; calls inside of the mesh go past it, since there is no waypoint";
  const where = `acts at ${listed(proxies.map(proxyName))}${past}`;
  if (rule.unsupported.length > 0) {
    return ineffective({ reason: "UnsupportedField", message: `${where}; ${unsupportedFields(rule.unsupported)}` });
  }
  if (wantsFailover(rule)) {
    return ineffective({
      reason: "NeedsOutlierDetection",
      message: `${where}; localityLbSetting.failover and failoverPriority need outlierDetection beside them`,
    });
  }
  return effective(where);
}

function wantsFailover({ policy, subsets }: DestinationRuleInput): boolean {
  const policies = [policy, ...(policy?.ports.map((entry) => entry.policy) ?? []), ...subsets.map((s) => s.policy)];
  return policies.some((candidate) => {
    const locality = candidate?.loadBalancer?.locality;
    const detects = (candidate?.outlierDetection ?? policy?.outlierDetection) !== undefined;
    return locality?.enabled === true && !detects && (locality.failover.length > 0 || locality.scopes !== undefined);
  });
}

function whyIdle(
  rule: DestinationRuleInput,
  context: EffectContext,
  lookup: DestinationRuleLookup,
  uses: Uses,
): Problem {
  const { world, facts } = context;
  const key = keyOf(rule);
  if (rule.clientsOnly) {
    return { reason: "UnsupportedField", message: `no effect: ${unsupportedFields(rule.unsupported)}` };
  }
  const services = servicesOf(rule, context);
  const near = services.filter(
    ({ namespace }) => namespace === rule.namespace || rule.namespace === facts.rootNamespace,
  );
  const exported = near.filter(({ namespace }) => isExportedTo(rule, namespace));
  const [first] = services;
  if (first === undefined) {
    return { reason: "HostNotFound", message: unknownHost(rule.host, rule.namespace) };
  }
  if (near.length === 0) {
    return {
      reason: "WrongNamespace",
      message: `rules act from the namespace of the Service; create it in ${listed(services.map(({ namespace }) => namespace))}`,
    };
  }
  if (exported.length === 0) {
    return {
      reason: "NotExported",
      message: `exportTo leaves out namespace ${listed(near.map(({ namespace }) => namespace))}`,
    };
  }
  const winners = exported.flatMap((service) => winnersOver(rule, service, lookup));
  if (winners.length > 0) {
    return { reason: "Overridden", message: `its place is taken by ${listed(winners)}; keep one rule for a host` };
  }
  const idle = uses.idle.get(key) ?? [];
  const split = idle.map(clusterRef).find((ref) => ref !== undefined && ref.subset === "");
  if (split !== undefined) {
    const backends = backendsInstead(split.service, context.proxies);
    return {
      reason: "ParentOfSplit",
      message: `the routes of ${split.service} send to ${listed(backends) || "nowhere"} instead; create a rule for each of these`,
    };
  }
  const served = exported.find((service) => isServed(service, context.proxies));
  if (served !== undefined && rule.policy === undefined) {
    return {
      reason: "NotUsed",
      message: `no route sends to its subsets: ${listed(rule.subsets.map(({ name }) => name))}`,
    };
  }
  return world.services.has(keyOf(exported[0] ?? first))
    ? waypointProblem(keyOf(exported[0] ?? first), context)
    : { reason: "HostNotFound", message: unknownHost(rule.host, rule.namespace) };
}

/** The Services that the host means: one, or with a wildcard those that it covers. */
function servicesOf({ host, namespace }: DestinationRuleInput, { world }: EffectContext): readonly ServiceInput[] {
  const full = fullHost(host, namespace);
  if (!full.startsWith("*")) {
    return [serviceOfHost(full, world)].filter((service) => service !== undefined);
  }
  return [...world.services.values()].filter(
    (service) => service.type !== "ExternalName" && hostCovers(full, hostnameOf(service)),
  );
}

/** Rules that took this one's place for a service; none when this one has a part in it. */
function winnersOver(
  rule: DestinationRuleInput,
  service: ServiceInput,
  lookup: DestinationRuleLookup,
): readonly string[] {
  const { policyFrom, subsets } = lookup({ namespace: service.namespace, hostname: hostnameOf(service) });
  const all = [policyFrom, ...[...subsets.values()].map(({ from }) => from)].filter((from) => from !== undefined);
  return all.includes(keyOf(rule)) ? [] : all;
}

const isServed = (service: ServiceInput, proxies: readonly ProxyConfig[]): boolean =>
  proxies.some((proxy) => proxy.services.some((served) => served.service === keyOfService(service)));

function backendsInstead(service: string, proxies: readonly ProxyConfig[]): readonly string[] {
  return proxies.flatMap((proxy) =>
    proxy.services
      .filter((served) => served.service === service)
      .flatMap(({ ports }) => ports.flatMap(({ routes }) => routes))
      .flatMap(({ rules }) => rules.flatMap(({ backends }) => backends))
      .flatMap(({ cluster, weight }) => (weight > 0 ? (clusterRef(cluster)?.service ?? []) : [])),
  );
}
