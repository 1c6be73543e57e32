/** Listeners, services and workloads ⇄ wire: the places at which requests arrive. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type L7ServiceSchema,
  ListenerProtocol,
  type ListenerSchema,
  type Listener as WireListener,
  type L7ServicePort as WirePort,
  type L7Service as WireService,
  type WorkloadTarget as WireWorkload,
  type WorkloadTargetSchema,
} from "../gen/proxy-config_pb.js";
import type { L7Listener, L7Service, L7ServicePort, L7WorkloadTarget } from "../proxy-config.ts";
import { portNumber } from "../resource-type.ts";
import { closedEnum } from "./closed-enum.ts";
import { protocols } from "./cluster.ts";
import { entriesMax, filledText, list, required, text, texts } from "./limits.ts";
import { policiesFromWire, policiesToWire } from "./policies.ts";
import { retryFromWire, retryToWire, routeFromWire, routeToWire } from "./route.ts";

const listenerProtocols = closedEnum({ HTTP: ListenerProtocol.HTTP, HTTPS: ListenerProtocol.HTTPS });

/** A gateway's listener. */
export const listenerToWire = (listener: L7Listener): MessageInitShape<typeof ListenerSchema> => ({
  name: listener.name,
  port: listener.port,
  protocol: listenerProtocols.toWire(listener.protocol),
  hostname: listener.hostname,
  certificates: [...listener.certificates],
  routes: listener.routes.map(routeToWire),
  policies: policiesToWire(listener),
});

/** And back; throws `MalformedResource`. */
export const listenerFromWire = (wire: WireListener): L7Listener => ({
  name: filledText(wire.name, "listener"),
  port: portNumber(wire.port, `listener ${wire.name}`),
  protocol: listenerProtocols.fromWire(wire.protocol, `protocol of listener ${wire.name}`),
  hostname: text(wire.hostname, "listener host name"),
  certificates: texts(wire.certificates, `certificates of listener ${wire.name}`),
  routes: list(wire.routes, `routes of listener ${wire.name}`, routeFromWire, entriesMax),
  ...policiesFromWire(required(wire.policies, `policies of listener ${wire.name}`)),
});

/** A service behind a waypoint. */
export const serviceToWire = (service: L7Service): MessageInitShape<typeof L7ServiceSchema> => ({
  service: service.service,
  addresses: [...service.addresses],
  ports: service.ports.map(({ port, protocol, routes, cluster, defaultRetry }) => ({
    port,
    protocol: protocols.toWire(protocol),
    routes: routes.map(routeToWire),
    cluster,
    defaultRetry: retryToWire(defaultRetry),
  })),
  policies: policiesToWire(service),
});

/** And back; throws `MalformedResource`. */
export const serviceFromWire = (wire: WireService): L7Service => ({
  service: filledText(wire.service, "service"),
  addresses: texts(wire.addresses, `addresses of ${wire.service}`),
  ports: list(wire.ports, `ports of ${wire.service}`, portFromWire),
  ...policiesFromWire(required(wire.policies, `policies of ${wire.service}`)),
});

const portFromWire = (wire: WirePort): L7ServicePort => ({
  port: portNumber(wire.port, "service port"),
  protocol: protocols.fromWire(wire.protocol, `protocol of port ${wire.port}`),
  routes: list(wire.routes, `routes of port ${wire.port}`, routeFromWire, entriesMax),
  cluster: filledText(wire.cluster, `cluster of port ${wire.port}`),
  defaultRetry: retryFromWire(required(wire.defaultRetry, `default retry of port ${wire.port}`)),
});

/** A pod that is called by its own address. */
export const workloadToWire = (target: L7WorkloadTarget): MessageInitShape<typeof WorkloadTargetSchema> => ({
  workload: target.workload,
  addresses: [...target.addresses],
  policies: policiesToWire(target),
});

/** And back; throws `MalformedResource`. */
export const workloadFromWire = (wire: WireWorkload): L7WorkloadTarget => ({
  workload: filledText(wire.workload, "workload"),
  addresses: texts(wire.addresses, `addresses of ${wire.workload}`),
  ...policiesFromWire(required(wire.policies, `policies of ${wire.workload}`)),
});
