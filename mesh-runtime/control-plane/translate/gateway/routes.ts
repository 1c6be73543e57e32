import type { L7Route } from "../../../xds/model.ts";
import { condition, type WantedCondition } from "../conditions.ts";
import { type GatewayInput, gatewayGroup } from "../input/gateway.ts";
import type { HttpRouteInput, ParentRefInput } from "../input/http-route.ts";
import { type Fields, keyOf } from "../input/lenient.ts";
import type { World } from "../input/world.ts";
import { type Attachment, attach, type Refusal } from "./attachment.ts";
import { type ResolvedRules, resolveRules } from "./backends.ts";
import { isServed } from "./classes.ts";

/** Controller name in the status of routes, Gateways' and mesh's alike. */
export const routeController = "istio.io/gateway-controller";

/** One entry of an HTTPRoute's `status.parents`. */
export interface ParentStatus {
  readonly parentRef: Fields;
  readonly conditions: readonly WantedCondition[];
  /** `<namespace>/<name>` of the Gateway that serves the route by this reference. */
  readonly gateway: string | undefined;
}

/** An HTTPRoute with all that follows from it. */
export interface TranslatedRoute {
  readonly input: HttpRouteInput;
  readonly parents: readonly ParentStatus[];
  /** What listeners serve of it: Gateway key → listener name → route. */
  readonly attached: ReadonlyMap<string, ReadonlyMap<string, L7Route>>;
}

/** Translates one HTTPRoute: every parent reference gets its verdict, every listener that takes it gets the rules. */
export function translateRoute(input: HttpRouteInput, world: World): TranslatedRoute {
  const atGateways = resolveRules(input, world, { enforceGrants: true });
  const attached = new Map<string, Map<string, L7Route>>();
  const parents = input.parents.flatMap((parent): ParentStatus[] => {
    const gateway = gatewayOf(parent, world);
    if (gateway !== undefined) {
      const verdict = attach(input, parent, gateway, world);
      const key = keyOf(gateway);
      if ("reason" in verdict) {
        return [{ parentRef: parent.written, conditions: gatewayConditions(verdict, atGateways), gateway: undefined }];
      }
      serve(attached, key, verdict, input, atGateways);
      return [{ parentRef: parent.written, conditions: gatewayConditions(undefined, atGateways), gateway: key }];
    }
    return parent.group === "" && parent.kind === "Service"
      ? [{ parentRef: parent.written, conditions: meshConditions(input, parent, world), gateway: undefined }]
      : [];
  });
  return { input, parents, attached };
}

/** A Gateway that this control plane serves; others, and those that do not exist, get no status at all. */
function gatewayOf(parent: ParentRefInput, world: World): GatewayInput | undefined {
  const isGateway = parent.group === gatewayGroup && parent.kind === "Gateway";
  const gateway = isGateway ? world.gateways.get(`${parent.namespace}/${parent.name}`) : undefined;
  return gateway !== undefined && isServed(gateway) ? gateway : undefined;
}

function serve(
  attached: Map<string, Map<string, L7Route>>,
  gatewayKey: string,
  attachments: readonly Attachment[],
  input: HttpRouteInput,
  { rules }: ResolvedRules,
): void {
  const listeners = attached.get(gatewayKey) ?? new Map<string, L7Route>();
  attached.set(gatewayKey, listeners);
  for (const { listener, hostnames } of attachments) {
    listeners.set(listener.name, { key: keyOf(input), createdAtMs: input.createdAtMs, hostnames, rules });
  }
}

const waypointsResolved = condition("ResolvedWaypoints", "True", "ResolvedWaypoints", "All waypoints resolved");

const accepted = (refusal: Refusal | undefined): WantedCondition =>
  refusal === undefined
    ? condition("Accepted", "True", "Accepted", "Route was valid")
    : condition("Accepted", "False", refusal.reason, refusal.message);

const gatewayConditions = (refusal: Refusal | undefined, { resolvedRefs }: ResolvedRules): WantedCondition[] => [
  accepted(refusal),
  resolvedRefs,
  waypointsResolved,
];

/** A route with a Service as its parent needs a waypoint to act; without one it is valid and changes nothing. */
function meshConditions(input: HttpRouteInput, parent: ParentRefInput, world: World): WantedCondition[] {
  const { resolvedRefs } = resolveRules(input, world, { enforceGrants: false });
  const service = world.services.get(`${parent.namespace}/${parent.name}`);
  const refusal: Refusal | undefined =
    service === undefined
      ? { reason: "NoMatchingParent", message: `parent service: "${parent.name}" not found` }
      : undefined;
  const labels = { ...world.namespaces.get(parent.namespace)?.labels, ...service?.labels };
  const waypoint = labels["istio.io/use-waypoint"] ?? "none";
  const ignored =
    "istio.io/use-waypoint label missing from parent and parent namespace; in ambient mode, route will not be respected";
  return [
    accepted(refusal),
    resolvedRefs,
    waypoint === "none" && refusal === undefined
      ? condition("ResolvedWaypoints", "True", "ResolvedWaypoints", ignored)
      : waypointsResolved,
  ];
}
