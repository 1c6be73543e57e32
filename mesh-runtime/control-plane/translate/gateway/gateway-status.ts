import { condition, type WantedCondition } from "../conditions.ts";
import { type GatewayInput, gatewayGroup, type ListenerInput } from "../input/gateway.ts";
import { keyOf } from "../input/lenient.ts";
import type { World } from "../input/world.ts";
import { speaksHttp } from "../routes/attachment.ts";
import type { TranslatedRoute } from "../routes/routes.ts";
import { isWaypoint } from "./classes.ts";
import { listenerTls } from "./listener-tls.ts";
import type { GatewayAddress, Placement } from "./placement.ts";

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
  readonly addresses: readonly GatewayAddress[];
  readonly listeners: readonly ListenerStatus[];
}

/** What a Gateway's status shall be. `routes`: those that it serves. */
export function gatewayStatus(
  gateway: GatewayInput,
  { programmed, addresses }: Placement,
  routes: readonly TranslatedRoute[],
  world: World,
): GatewayStatus {
  return {
    conditions: [acceptedOf(gateway), programmed],
    addresses,
    listeners: gateway.listeners.map((listener) => listenerStatus(gateway, listener, routes, world)),
  };
}

/** Parameters are for the one who deploys the pods, and none are understood here. */
const acceptedOf = ({ parameters }: GatewayInput): WantedCondition =>
  parameters === ""
    ? condition("Accepted", "True", "Accepted", "Resource accepted")
    : condition("Accepted", "False", "InvalidParameters", `parametersRef of kind ${parameters} is unsupported`);

function listenerStatus(
  gateway: GatewayInput,
  listener: ListenerInput,
  routes: readonly TranslatedRoute[],
  world: World,
): ListenerStatus {
  const key = keyOf(gateway);
  const attached = routes.filter((route) => route.attached.get(key)?.has(listener.name) === true);
  const problem = protocolProblem(gateway, listener);
  const conflict = conflictProblem(gateway, listener);
  const unknownKinds = listener.allowedKinds.some((kind) => !supported.includes(kind));
  const tls = listenerTls(gateway, listener, world);
  const refusal = "refusal" in tls ? tls.refusal : undefined;
  return {
    name: listener.name,
    supportedKinds: isWaypoint(gateway) ? [] : supportedKinds(listener),
    attachedRoutes: attached.length,
    conditions: [
      problem ?? ok("Accepted", "Accepted"),
      conflict ?? condition("Conflicted", "False", "NoConflicts", noErrors),
      programmedOf(problem ?? conflict, refusal),
      refusal ??
        (unknownKinds
          ? condition("ResolvedRefs", "False", "InvalidRouteKinds", "one or more route kinds are not supported")
          : ok("ResolvedRefs", "ResolvedRefs")),
    ],
  };
}

function programmedOf(problem: WantedCondition | undefined, tls: WantedCondition | undefined): WantedCondition {
  if (problem !== undefined) {
    return condition("Programmed", "False", "Invalid", problem.message);
  }
  return tls === undefined
    ? ok("Programmed", "Programmed")
    : condition("Programmed", "False", "Invalid", "Bad TLS configuration");
}

const noErrors = "No errors found";
const ok = (type: string, reason: string): WantedCondition => condition(type, "True", reason, noErrors);

const supported = [`${gatewayGroup}/HTTPRoute`, `${gatewayGroup}/GRPCRoute`];

const supportedKinds = ({ allowedKinds }: ListenerInput): ListenerStatus["supportedKinds"] =>
  ["HTTPRoute", "GRPCRoute"]
    .filter((kind) => allowedKinds.length === 0 || allowedKinds.includes(`${gatewayGroup}/${kind}`))
    .map((kind) => ({ group: gatewayGroup, kind }));

/** A port speaks one protocol: the first listener of a port says which (Gateway API "ListenerConditionConflicted"). */
export function conflictProblem(gateway: GatewayInput, { port, protocol }: ListenerInput): WantedCondition | undefined {
  const first = gateway.listeners.find((other) => other.port === port);
  return first === undefined || first.protocol === protocol
    ? undefined
    : condition(
        "Conflicted",
        "True",
        "ProtocolConflict",
        `port ${port} is already used with protocol "${first.protocol}" by listener "${first.name}"`,
      );
}

/** Why a listener cannot be served, as its condition `Accepted`. */
export function protocolProblem(gateway: GatewayInput, listener: ListenerInput): WantedCondition | undefined {
  const { protocol, port, tls } = listener;
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
  if (!speaksHttp(listener)) {
    return condition("Accepted", "False", "UnsupportedProtocol", `protocol "${protocol}" is unsupported`);
  }
  const mode = tls?.mode ?? "Terminate";
  return mode === "Terminate"
    ? undefined
    : condition("Accepted", "False", "UnsupportedProtocol", `TLS mode "${mode}" is unsupported`);
}
