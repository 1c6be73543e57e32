import type { L7Policies, ProxyConfig } from "../../../../xds/proxy-config.ts";
import { proxyName } from "./effect.ts";

/** Where policies stand: names of services and proxies, by the policies' keys. */
export type Standings = (policy: string) => readonly string[];

/** Looks through all configurations once. `keysOf`: the policies of one kind among what is in front of something. */
export function standings(
  proxies: readonly ProxyConfig[],
  keysOf: (policies: L7Policies) => readonly string[],
): Standings {
  const places = new Map<string, string[]>();
  for (const proxy of proxies) {
    for (const [policy, services] of servicesBehind(proxy, keysOf)) {
      const whole = services === "all" || (services.length > 1 && services.length === proxy.services.length);
      const name = proxyName(proxy);
      const found = whole ? [name] : [...services].map((service) => `${service} at ${name}`);
      places.set(policy, [...(places.get(policy) ?? []), ...found]);
    }
  }
  return (policy) => places.get(policy) ?? [];
}

function servicesBehind(
  proxy: ProxyConfig,
  keysOf: (policies: L7Policies) => readonly string[],
): ReadonlyMap<string, readonly string[] | "all"> {
  const found = new Map<string, string[] | "all">();
  for (const front of [...proxy.listeners, ...proxy.workloads]) {
    for (const policy of keysOf(front)) {
      found.set(policy, "all");
    }
  }
  for (const front of proxy.services) {
    for (const policy of new Set(keysOf(front))) {
      const services = found.get(policy);
      if (services === undefined) {
        found.set(policy, [front.service]);
      } else if (services !== "all") {
        services.push(front.service);
      }
    }
  }
  return found;
}
