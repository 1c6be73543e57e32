/** Ports of a Service at which requests can be routed. Pure. */
import type { ServiceRef } from "@/server/contracts/names.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { serviceObject } from "./service-object.ts";

/** Istio's "Protocol Selection": the first part of a port's name, or `appProtocol`. */
const httpNames = new Set(["http", "http_proxy", "http2", "grpc"]);
const otherNames = new Set(["tcp", "tls", "https", "mongo", "redis", "mysql", "udp"]);
const kubernetesProtocols: Readonly<Record<string, boolean>> = {
  "kubernetes.io/h2c": true,
  "kubernetes.io/ws": true,
  "kubernetes.io/wss": false,
};
/** Where the server speaks first, Istio does not look whether it is HTTP. */
const serverFirstPorts = new Set([25, 53, 3306, 27_017]);

interface NamedPort {
  readonly name?: string | undefined;
  readonly port: number;
  readonly protocol?: string | undefined;
  readonly appProtocol?: string | undefined;
}

/** Whether a waypoint reads requests there. Without a known name it looks at the first bytes. */
export function speaksHttp({ name = "", port, protocol = "TCP", appProtocol = "" }: NamedPort): boolean {
  if (protocol !== "TCP") {
    return false;
  }
  const kubernetes = Object.hasOwn(kubernetesProtocols, appProtocol) ? kubernetesProtocols[appProtocol] : undefined;
  if (kubernetes !== undefined) {
    return kubernetes;
  }
  const said = (appProtocol === "" ? name : appProtocol).toLowerCase();
  const [first = ""] = said.split("-");
  if (httpNames.has(first)) {
    return true;
  }
  return !otherNames.has(first) && !serverFirstPorts.has(port);
}

/** The Service's own numbers, in its order. */
export const httpPortsOf = (inventory: Inventory, service: ServiceRef): number[] =>
  (serviceObject(inventory, service)?.spec?.ports ?? []).filter(speaksHttp).map(({ port }) => port);

/** Every HTTP port is gRPC's, where each call is a POST. */
export function isGrpcOnly(inventory: Inventory, service: ServiceRef): boolean {
  const ports = (serviceObject(inventory, service)?.spec?.ports ?? []).filter(speaksHttp);
  return (
    ports.length > 0 &&
    ports.every(({ name = "", appProtocol = "" }) => /^grpc(-(?!web)|$)/.test((appProtocol || name).toLowerCase()))
  );
}
