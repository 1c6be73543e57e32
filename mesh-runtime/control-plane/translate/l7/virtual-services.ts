import type { L7Route } from "../../../xds/proxy-config.ts";
import { keyOf } from "../input/lenient.ts";
import type { ServiceInput } from "../input/service.ts";
import type { VirtualServiceInput } from "../input/virtual-service.ts";
import type { World } from "../input/world.ts";
import { hostnameOf } from "../service-address.ts";
import { isExportedTo } from "./destination-rules.ts";
import { fullHost, hostCovers, hostWeight } from "./hosts.ts";
import { virtualRules } from "./virtual-rules.ts";

/**
 * The VirtualService that acts on a service: of the service's own namespace, for the mesh, understood as a whole. The
 * host that fits closest wins, then the oldest.
 */
export function virtualServiceOf(service: ServiceInput, world: World): VirtualServiceInput | undefined {
  const hostname = hostnameOf(service);
  let best: { readonly input: VirtualServiceInput; readonly weight: number } | undefined;
  for (const input of world.virtualServices.values()) {
    if (!mayAct(input) || input.namespace !== service.namespace || !isExportedTo(input, service.namespace)) {
      continue;
    }
    const weight = closeness(input, hostname);
    if (weight < 0) {
      continue;
    }
    if (best === undefined || weight > best.weight || (weight === best.weight && isOlder(input, best.input))) {
      best = { input, weight };
    }
  }
  return best?.input;
}

/** Whether it could act on anything: it is for the mesh, routes HTTP, and all that it asks for is understood. */
const mayAct = ({ gateways, rules, unsupported }: VirtualServiceInput): boolean =>
  gateways.includes("mesh") && rules.length > 0 && unsupported.length === 0;

/** How closely one of its hosts fits; negative when none does. */
export const closeness = ({ hosts, namespace }: VirtualServiceInput, hostname: string): number =>
  hosts
    .map((host) => fullHost(host, namespace))
    .reduce((weight, host) => Math.max(weight, hostCovers(host, hostname) ? hostWeight(host) : -1), -1);

const isOlder = (a: VirtualServiceInput, b: VirtualServiceInput): boolean =>
  a.createdAtMs < b.createdAtMs || (a.createdAtMs === b.createdAtMs && a.name < b.name);

/**
 * The route that a VirtualService makes at one port of a service, as its waypoint serves it. The caller has seen that no
 * HTTPRoute stands on the service: that would win whole. Requests that no rule matches are answered 404.
 */
export function virtualServiceRoutes(service: ServiceInput, port: number, world: World): L7Route | undefined {
  const input = virtualServiceOf(service, world);
  if (input === undefined) {
    return undefined;
  }
  return {
    key: `VirtualService/${keyOf(input)}`,
    createdAtMs: input.createdAtMs,
    ordered: true,
    hostnames: [],
    rules: virtualRules(input, port, world),
  };
}
