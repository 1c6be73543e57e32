import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  type OutsideDestinationSchema,
  OutsideSchema,
  OutsideMode as WireMode,
  type Outside as WireOutside,
  type OutsideDestination as WireOutsideDestination,
} from "./gen/outside_pb.js";
import type { Outside, OutsideDestination } from "./outside.ts";
import { closedEnum } from "./proxy-config/closed-enum.ts";
import { list, text, texts } from "./proxy-config/limits.ts";
import { decoding, MalformedResource, portNumber, type ResourceType, requiredText } from "./resource-type.ts";
import { waypointFromWire, waypointToWire } from "./traffic-direction.ts";

const modes = closedEnum({ ALLOW_ANY: WireMode.ALLOW_ANY, REGISTRY_ONLY: WireMode.REGISTRY_ONLY });

/** Name of the one policy; destinations are `<namespace>/<name>/<host>`. */
export const outsidePolicyName = "mesh";

/** Destinations outside of the mesh, and whether others may be called. */
export const outsideType: ResourceType<Outside> = {
  typeUrl: "type.googleapis.com/towpath.outside.v1.Outside",
  name: (value) =>
    value.kind === "policy"
      ? outsidePolicyName
      : `${value.destination.namespace}/${value.destination.name}/${value.destination.host}`,
  encode: (value) =>
    toBinary(
      OutsideSchema,
      create(OutsideSchema, {
        type:
          value.kind === "policy"
            ? { case: "policy", value: { mode: modes.toWire(value.mode) } }
            : { case: "destination", value: destinationToWire(value.destination) },
      }),
    ),
  decode: (bytes) => decoding(() => outsideFromWire(fromBinary(OutsideSchema, bytes))),
};

function outsideFromWire({ type }: WireOutside): Outside {
  switch (type.case) {
    case "policy":
      return { kind: "policy", mode: modes.fromWire(type.value.mode, "mode") };
    case "destination":
      return { kind: "destination", destination: destinationFromWire(type.value) };
    default:
      throw new MalformedResource("outside: neither policy nor destination");
  }
}

const destinationToWire = (destination: OutsideDestination): MessageInitShape<typeof OutsideDestinationSchema> => ({
  ...destination,
  addresses: [...destination.addresses],
  ports: [...destination.ports],
  visibleTo: [...destination.visibleTo],
  createdAtMs: BigInt(destination.createdAtMs),
  waypoint: destination.waypoint && waypointToWire(destination.waypoint),
  endpoints: destination.endpoints.map(({ host, ports }) => ({ host, ports: { ...ports } })),
});

const destinationFromWire = (wire: WireOutsideDestination): OutsideDestination => ({
  namespace: requiredText(wire.namespace, "namespace"),
  name: requiredText(wire.name, "name"),
  host: requiredText(wire.host, "host"),
  addresses: texts(wire.addresses, "addresses"),
  ports: list(wire.ports, "ports", (port) => portNumber(port, "port")),
  ...(wire.waypoint === undefined ? {} : { waypoint: waypointFromWire(wire.waypoint) }),
  missingWaypoint: text(wire.missingWaypoint, "missing waypoint"),
  visibleTo: texts(wire.visibleTo, "visible_to"),
  createdAtMs: Number(wire.createdAtMs),
  endpoints: list(
    wire.endpoints,
    "endpoints",
    ({ host, ports }) => ({
      host: requiredText(host, "endpoint host"),
      ports: Object.fromEntries(
        Object.entries(ports).map(([port, target]) => [
          portNumber(Number(port), "endpoint port"),
          portNumber(target, "endpoint port"),
        ]),
      ),
    }),
    4_096,
  ),
});
