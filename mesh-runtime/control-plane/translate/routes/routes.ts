import type { L7Route, L7RouteRule } from "../../../xds/proxy-config.ts";
import { condition, type WantedCondition } from "../conditions.ts";
import { isServed } from "../gateway/classes.ts";
import { type GatewayInput, gatewayGroup } from "../input/gateway.ts";
import { keyOf } from "../input/lenient.ts";
import type { ParentRefInput, RouteInput } from "../input/route.ts";
import type { ServiceInput } from "../input/service.ts";
import type { World } from "../input/world.ts";
import { namesWaypoint } from "../waypoint/binding.ts";
import { attach, type Refusal, unsupportedIn } from "./attachment.ts";
import { type ResolvedRules, resolveRules } from "./rules.ts";

/** Controller name in the status of routes, Gateways' and mesh's alike. */
export const routeController = "istio.io/gateway-controller";

/** What became of one parent reference. */
export interface TranslatedParent {
  readonly ref: ParentRefInput;
  /** Istio's conditions. */
  readonly conditions: readonly WantedCondition[];
  /** `<namespace>/<name>` of the Gateway that serves the route by this reference. */
  readonly gateway: string | undefined;
  /** Of a Service that exists and takes the route (a producer route). */
  readonly service: string | undefined;
}

/** A route with all that follows from it. */
export interface TranslatedRoute {
  readonly input: RouteInput;
  readonly parents: readonly TranslatedParent[];
  /** What listeners serve of it: Gateway key → listener name → route. */
  readonly attached: ReadonlyMap<string, ReadonlyMap<string, L7Route>>;
  /** What waypoints serve of it for a Service: store key → ports (0: all). */
  readonly services: ReadonlyMap<string, ReadonlySet<number>>;
  /** The route as waypoints serve it. */
  readonly meshRoute: L7Route;
  /** `<namespace>/<name>:<port>` of backends whose Service has no such port. */
  readonly missingPorts: readonly string[];
}

/** Translates one route: every parent reference gets its verdict, every listener or Service that takes it its rules. */
export function translateRoute(input: RouteInput, world: World): TranslatedRoute {
  const atGateways = resolveRules(input, world, { enforceGrants: true });
  const inMesh = resolveRules(input, world, { enforceGrants: false });
  const key = `${input.kind}/${keyOf(input)}`;
  const { createdAtMs } = input;
  const base = { key, createdAtMs, ordered: false };
  const attached = new Map<string, Map<string, L7Route>>();
  const services = new Map<string, Set<number>>();
  const parents = input.parents.flatMap((ref): TranslatedParent[] => {
    const gateway = gatewayOf(ref, world);
    if (gateway !== undefined) {
      const verdict = attach(input, ref, gateway, world);
      const refusal = "reason" in verdict ? verdict : undefined;
      const conditions = gatewayConditions(input, refusal, atGateways);
      if ("reason" in verdict) {
        return [{ ref, conditions, gateway: undefined, service: undefined }];
      }
      const listeners = attached.get(keyOf(gateway)) ?? new Map<string, L7Route>();
      attached.set(keyOf(gateway), listeners);
      for (const { listener, hostnames } of verdict) {
        listeners.set(listener.name, { ...base, hostnames, rules: atGateways.rules });
      }
      return [{ ref, conditions, gateway: keyOf(gateway), service: undefined }];
    }
    return ref.group === "" && ref.kind === "Service" ? [meshParent(input, ref, inMesh, world, services)] : [];
  });
  return {
    input,
    parents,
    attached,
    services,
    meshRoute: { ...base, hostnames: [], rules: isClosed(input) ? inMesh.rules.map(refusing) : inMesh.rules },
    missingPorts: [...new Set([...atGateways.missingPorts, ...inMesh.missingPorts])],
  };
}

/** A Gateway that this control plane serves; others, and those that do not exist, get no status at all. */
function gatewayOf(parent: ParentRefInput, world: World): GatewayInput | undefined {
  const isGateway = parent.group === gatewayGroup && parent.kind === "Gateway";
  const gateway = isGateway ? world.gateways.get(`${parent.namespace}/${parent.name}`) : undefined;
  return gateway !== undefined && isServed(gateway) ? gateway : undefined;
}

const accepted = (refusal: Refusal | undefined): WantedCondition =>
  refusal === undefined
    ? condition("Accepted", "True", "Accepted", "Route was valid")
    : condition("Accepted", "False", refusal.reason, refusal.message);

/** Istio has this condition for HTTPRoutes alone. */
const resolvedWaypoints = ({ kind }: RouteInput, message = "All waypoints resolved"): WantedCondition[] =>
  kind === "HTTPRoute" ? [condition("ResolvedWaypoints", "True", "ResolvedWaypoints", message)] : [];

const gatewayConditions = (
  input: RouteInput,
  refusal: Refusal | undefined,
  { resolvedRefs }: ResolvedRules,
): WantedCondition[] => [accepted(refusal), resolvedRefs, ...resolvedWaypoints(input)];

/** A route that asks for a check which is not done here answers 500: without it the service would be open. */
export const isClosed = ({ rules }: RouteInput): boolean => rules.some(({ closed }) => closed);

const refusing = (rule: L7RouteRule): L7RouteRule => ({ ...rule, matches: [], filters: [], backends: [] });

/** The port of a Service that a reference means, by number or by name; 0 for all, -1 for one that is not there. */
export function portOf({ port, sectionName }: ParentRefInput, { ports }: ServiceInput): number {
  const named = sectionName === "" ? undefined : (ports.find(({ name }) => name === sectionName)?.port ?? -1);
  return named === undefined || named === port ? port : port === 0 ? named : -1;
}

const labelMissing =
  "istio.io/use-waypoint label missing from parent and parent namespace; in ambient mode, route will not be respected";

/** A route with a Service as its parent needs a waypoint to act; without one it is valid and changes nothing. */
function meshParent(
  input: RouteInput,
  ref: ParentRefInput,
  { resolvedRefs }: ResolvedRules,
  world: World,
  services: Map<string, Set<number>>,
): TranslatedParent {
  const key = `${ref.namespace}/${ref.name}`;
  const service = world.services.get(key);
  if (service === undefined) {
    const missing: Refusal = { reason: "NoMatchingParent", message: `parent service: "${ref.name}" not found` };
    const conditions = [accepted(missing), resolvedRefs, ...resolvedWaypoints(input, "parent not found")];
    return { ref, conditions, gateway: undefined, service: undefined };
  }
  const refusal = unsupportedIn(input);
  const labelled =
    namesWaypoint(service.labels) || namesWaypoint(world.namespaces.get(service.namespace)?.labels ?? {});
  const conditions = [
    accepted(refusal),
    resolvedRefs,
    ...(labelled || refusal !== undefined ? resolvedWaypoints(input) : resolvedWaypoints(input, labelMissing)),
  ];
  const takes = (refusal === undefined || isClosed(input)) && input.namespace === service.namespace;
  if (takes) {
    const ports = services.get(key) ?? new Set<number>();
    services.set(key, ports.add(portOf(ref, service)));
  }
  return { ref, conditions, gateway: undefined, service: takes ? key : undefined };
}
