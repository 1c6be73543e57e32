/** What istiod's webhook says of load balancing in a DestinationRule. */
import { admitDuration } from "./admit-durations.ts";
import type { ConsistentHashSettings, LoadBalancerSettings, LocalityLbSetting } from "./load-balancer.ts";
import { localitiesProblem } from "./localities.ts";
import type { Report } from "./report.ts";

const maglevMax = 5_000_011;
const topologyLabels = [
  "topology.kubernetes.io/region",
  "topology.kubernetes.io/zone",
  "topology.istio.io/subzone",
] as const;

/** `hasOutlierDetection`: failover needs it. */
export function admitLoadBalancer(
  settings: LoadBalancerSettings | undefined,
  hasOutlierDetection: boolean,
  report: Report,
): void {
  if (settings === undefined) {
    return;
  }
  const { consistentHash, localityLbSetting, warmup } = settings;
  if (consistentHash !== undefined) {
    admitConsistentHash(consistentHash, report);
  }
  if (localityLbSetting !== undefined) {
    admitLocality(localityLbSetting, hasOutlierDetection, report);
  }
  if (warmup !== undefined) {
    admitDuration(warmup.duration, report);
    if (typeof warmup.aggression === "number" && warmup.aggression < 1) {
      report.refuse("aggression should be greater than or equal to 1");
    }
  }
}

function admitConsistentHash(settings: ConsistentHashSettings, report: Report): void {
  const { httpCookie, minimumRingSize = 0, ringHash, maglev } = settings;
  if (httpCookie !== undefined) {
    if (httpCookie.name === "") {
      report.refuse("name required for HttpCookie");
    }
    const seen = new Set<string>();
    for (const { name } of httpCookie.attributes ?? []) {
      if (name === "") {
        report.refuse("cookie attribute name cannot be empty");
      } else if (seen.has(name)) {
        report.refuse(`duplicate cookie attribute name: ${name}`);
      }
      seen.add(name);
    }
  }
  if (minimumRingSize !== 0) {
    report.warn("consistent hash MinimumRingSize is deprecated, use ConsistentHashLB's RingHash configuration instead");
    if (ringHash !== undefined || maglev !== undefined) {
      report.refuse("only one of MinimumRingSize or Maglev/Ringhash can be specified");
    }
  }
  if (maglev !== undefined) {
    const size = maglev.tableSize ?? 0;
    if (size === 0) {
      report.refuse("tableSize must be set for maglev");
    }
    if (size >= maglevMax) {
      report.refuse("tableSize must be less than 5000011 for maglev");
    } else if (!isPrime(size)) {
      report.refuse("tableSize must be a prime number for maglev");
    }
  }
}

/** Below `maglevMax`, so this is a thousand divisions at most. */
function isPrime(value: number): boolean {
  if (value > 0 && value < 4) {
    return true;
  }
  if (value % 2 === 0) {
    return false;
  }
  for (let factor = 3; factor * factor <= value; factor += 2) {
    if (value % factor === 0) {
      return false;
    }
  }
  return true;
}

function admitLocality(setting: LocalityLbSetting, hasOutlierDetection: boolean, report: Report): void {
  const { distribute = [], failover = [], failoverPriority = [] } = setting;
  if (distribute.length > 0 && failover.length > 0) {
    report.refuse("can not simultaneously specify 'distribute' and 'failover'");
    return;
  }
  const label = topologyLabels.find((name) => failoverPriority.includes(name));
  if (failover.length > 0 && label !== undefined) {
    report.refuse(`can not simultaneously set 'failover' and topology label '${label}' in 'failover_priority'`);
    return;
  }
  for (const { to = {} } of distribute) {
    const weights = Object.values(to);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    if (weights.some((weight) => weight <= 0 || weight > 100)) {
      report.refuse("locality weight must be in range [1, 100]");
      return;
    }
    if (total !== 100) {
      report.refuse(`total locality weight ${total} != 100`);
      return;
    }
    report.refuse(localitiesProblem(Object.keys(to)));
  }
  report.refuse(localitiesProblem(distribute.map(({ from = "" }) => from)));
  if ((failover.length > 0 || failoverPriority.length > 0) && !hasOutlierDetection) {
    report.warn("outlier detection policy must be provided for failover");
  }
  for (const { from = "", to = "" } of failover) {
    if (from === to) {
      report.refuse("locality lb failover settings must specify different regions");
    }
    if (`${from}${to}`.includes("/")) {
      report.refuse("locality lb failover only specify region");
    }
    if (`${from}${to}`.includes("*")) {
      report.refuse("locality lb failover region should not contain '*' wildcard");
    }
  }
}
