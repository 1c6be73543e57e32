/** How calls from outside get to a service: which host, which path, which services in between. Pure. */
import type { ServiceRef } from "@/server/contracts/names.ts";
import type { SeenCall, TrafficInsight } from "@/server/golden-paths/insight.ts";
import { seenPath } from "@/server/golden-paths/service-routes/service-probe.ts";
import { findService, type Inventory } from "@/server/inventory/model.ts";

export interface Way {
  readonly host: string;
  readonly path: string;
  /** Called by the gateway first, the service itself last. */
  readonly services: readonly [ServiceRef, ...ServiceRef[]];
}

const waysMax = 3;
const servicesMax = 8;

const keyOf = ({ namespace, name }: ServiceRef): string => `${namespace}/${name}`;

/**
 * By the routes of ingress gateways and, behind them, the calls that were seen; the shortest way of each host, the most
 * used host first.
 */
export function waysTo(target: ServiceRef, inventory: Inventory, traffic: TrafficInsight): Way[] {
  const gateways = new Set(
    inventory.services.filter(({ kind }) => kind === "gateway").map(({ namespace, name }) => `${namespace}/${name}`),
  );
  const used = (service: ServiceRef): number =>
    traffic.calls
      .filter(({ from, to }) => gateways.has(keyOf(from)) && keyOf(to) === keyOf(service))
      .reduce((sum, { requests }) => sum + requests, 0);
  return entriesOf(inventory)
    .flatMap(({ host, service }): { readonly way: Way; readonly used: number }[] => {
      const services = shortest(service, target, traffic.calls);
      return services === undefined
        ? []
        : [{ way: { host, path: seenPath(service, traffic), services }, used: used(service) }];
    })
    .sort((one, other) => other.used - one.used || one.way.services.length - other.way.services.length)
    .slice(0, waysMax)
    .map(({ way }) => way);
}

interface Entry {
  readonly host: string;
  readonly service: ServiceRef;
}

/** Hosts that gateways lead to services. A host with `*` stands for many and is none. */
function entriesOf(inventory: Inventory): Entry[] {
  const entries = new Map<string, Entry>();
  for (const { metadata, spec } of inventory.objects.routes) {
    const namespace = metadata?.namespace ?? "";
    for (const parent of spec?.parentRefs ?? []) {
      const gateway = inventory.gateways.find(
        (one) =>
          (parent.kind ?? "Gateway") === "Gateway" &&
          one.name === parent.name &&
          one.namespace === (parent.namespace ?? namespace) &&
          !/waypoint/.test(one.className),
      );
      const hosts = (spec?.hostnames ?? []).length > 0 ? (spec?.hostnames ?? []) : (gateway?.hosts ?? []);
      for (const backend of gateway === undefined
        ? []
        : (spec?.rules ?? []).flatMap((rule) => rule.backendRefs ?? [])) {
        const service = { namespace: backend.namespace ?? namespace, name: backend.name };
        if ((backend.kind ?? "Service") === "Service" && findService(inventory, service) !== undefined) {
          for (const host of hosts.filter((one) => one !== "" && !one.includes("*"))) {
            entries.set(`${host} ${keyOf(service)}`, { host, service });
          }
        }
      }
    }
  }
  return [...entries.values()];
}

/** Breadth first: of ways of one length the one with more requests at its end. */
function shortest(from: ServiceRef, to: ServiceRef, calls: readonly SeenCall[]): Way["services"] | undefined {
  const often = calls.toSorted((one, other) => other.requests - one.requests);
  const seen = new Set([keyOf(from)]);
  let ways: Way["services"][] = [[from]];
  for (let length = 1; length <= servicesMax && ways.length > 0; length++) {
    const next: Way["services"][] = [];
    for (const way of ways) {
      const last = way.at(-1) ?? from;
      if (keyOf(last) === keyOf(to)) {
        return way;
      }
      for (const { from: caller, to: called } of often) {
        if (keyOf(caller) === keyOf(last) && !seen.has(keyOf(called))) {
          seen.add(keyOf(called));
          next.push([...way, called]);
        }
      }
    }
    ways = next;
  }
  return undefined;
}
