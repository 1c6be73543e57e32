import { condition, type WantedCondition } from "../conditions.ts";
import { type GatewayInput, gatewayGroup, type ListenerInput } from "../input/gateway.ts";
import { keyOf } from "../input/lenient.ts";
import type { World } from "../input/world.ts";
import { hostnameOf, selectsPod } from "../service-address.ts";
import { infrastructureName, isWaypoint } from "./classes.ts";
import type { TranslatedRoute } from "./routes.ts";

/** One entry of a Gateway's `status.listeners`. */
export interface ListenerStatus {
  readonly name: string;
  readonly supportedKinds: readonly { readonly group: string; readonly kind: string }[];
  readonly attachedRoutes: number;
  readonly conditions: readonly WantedCondition[];
}

/** A Gateway's whole status. */
export interface GatewayStatus {
  readonly conditions: readonly WantedCondition[];
  readonly addresses: readonly { readonly type: "IPAddress" | "Hostname"; readonly value: string }[];
  readonly listeners: readonly ListenerStatus[];
}

/** What a Gateway's status shall be. */
export function gatewayStatus(gateway: GatewayInput, routes: readonly TranslatedRoute[], world: World): GatewayStatus {
  const { programmed, addresses } = placement(gateway, world);
  return {
    conditions: [condition("Accepted", "True", "Accepted", "Resource accepted"), programmed],
    addresses,
    listeners: gateway.listeners.map((listener) => listenerStatus(gateway, listener, routes)),
  };
}

/** Whether the Gateway has an address at which ready pods answer. */
function placement(
  gateway: GatewayInput,
  world: World,
): { programmed: WantedCondition; addresses: GatewayStatus["addresses"] } {
  const name = infrastructureName(gateway);
  const service = world.services.get(`${gateway.namespace}/${name}`);
  const hostname = hostnameOf({ name, namespace: gateway.namespace });
  const unassigned = (why: string) => ({
    programmed: condition("Programmed", "False", "AddressNotAssigned", why),
    addresses: [],
  });
  if (service === undefined) {
    return unassigned(`Failed to assign to any requested addresses: hostname "${hostname}" not found`);
  }
  const ready = [...world.pods.values()].some((pod) => pod.ready && !pod.terminating && selectsPod(service, pod));
  if (!ready) {
    return unassigned(`Failed to assign to any requested addresses: no instances found for hostname "${hostname}"`);
  }
  const assigned = gateway.listeners.map(({ port }) => `${hostname}:${port}`);
  const services = [...new Set(assigned)].sort().join(" and ");
  const external = service.type === "LoadBalancer" ? service.loadBalancerAddresses : service.addresses;
  if (external.length === 0) {
    return unassigned(
      `Assigned to service(s) ${services}, but failed to assign to all requested addresses: address pending for hostname "${hostname}"`,
    );
  }
  const ips = external.map(
    (value) => ({ type: /[a-z]/i.test(value) && !value.includes(":") ? "Hostname" : "IPAddress", value }) as const,
  );
  return {
    programmed: condition(
      "Programmed",
      "True",
      "Programmed",
      `Resource programmed, assigned to service(s) ${services}`,
    ),
    addresses: service.type === "LoadBalancer" ? ips : [...ips, { type: "Hostname", value: hostname }],
  };
}

function listenerStatus(
  gateway: GatewayInput,
  listener: ListenerInput,
  routes: readonly TranslatedRoute[],
): ListenerStatus {
  const key = keyOf(gateway);
  const attached = routes.filter((route) => route.attached.get(key)?.has(listener.name) === true);
  const problem = protocolProblem(gateway, listener);
  const unknownKinds = listener.allowedKinds.some((kind) => !supported.includes(kind));
  return {
    name: listener.name,
    supportedKinds: isWaypoint(gateway) ? [] : supportedKinds(listener),
    attachedRoutes: attached.length,
    conditions: [
      problem ?? ok("Accepted", "Accepted"),
      condition("Conflicted", "False", "NoConflicts", noErrors),
      problem === undefined
        ? ok("Programmed", "Programmed")
        : condition("Programmed", "False", "Invalid", problem.message),
      unknownKinds
        ? condition("ResolvedRefs", "False", "InvalidRouteKinds", "one or more route kinds are not supported")
        : ok("ResolvedRefs", "ResolvedRefs"),
    ],
  };
}

const noErrors = "No errors found";
const ok = (type: string, reason: string): WantedCondition => condition(type, "True", reason, noErrors);

const supported = [`${gatewayGroup}/HTTPRoute`, `${gatewayGroup}/GRPCRoute`];

const supportedKinds = ({ allowedKinds }: ListenerInput): ListenerStatus["supportedKinds"] =>
  ["HTTPRoute", "GRPCRoute"]
    .filter((kind) => allowedKinds.length === 0 || allowedKinds.includes(`${gatewayGroup}/${kind}`))
    .map((kind) => ({ group: gatewayGroup, kind }));

function protocolProblem(gateway: GatewayInput, { protocol, port }: ListenerInput): WantedCondition | undefined {
  if (isWaypoint(gateway)) {
    return gateway.listeners.length === 1 && protocol === "HBONE" && port === 15_008
      ? undefined
      : condition(
          "Accepted",
          "False",
          "UnsupportedProtocol",
          'Expected a single listener on port 15008 with protocol "HBONE"',
        );
  }
  return protocol === "HTTP"
    ? undefined
    : condition("Accepted", "False", "UnsupportedProtocol", `protocol "${protocol}" is unsupported`);
}
