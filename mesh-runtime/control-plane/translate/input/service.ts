import { fields, items, type Meta, port, readMeta, text, texts } from "./lenient.ts";

export interface ServicePortInput {
  readonly name: string;
  readonly port: number;
  /** Number, or name of a container port. */
  readonly targetPort: number | string;
  /** Empty when it is not written. */
  readonly appProtocol: string;
}

/** What the mesh needs to know of a Service. */
export interface ServiceInput extends Omit<Meta, "generation" | "annotations"> {
  /** Empty: no pods are selected. */
  readonly selector: Readonly<Record<string, string>>;
  /** Virtual addresses; none for a headless service. */
  readonly addresses: readonly string[];
  readonly ports: readonly ServicePortInput[];
  readonly type: string;
  /** Addresses that a load balancer gave it. */
  readonly loadBalancerAddresses: readonly string[];
  /** `spec.trafficDistribution`; empty when it is not written. */
  readonly trafficDistribution: string;
  /** Annotation `networking.istio.io/traffic-distribution`; empty when it is not written. */
  readonly trafficDistributionWish: string;
  /** `spec.internalTrafficPolicy: Local`: only pods of the caller's node. */
  readonly nodeLocal: boolean;
}

export const trafficDistributionAnnotation = "networking.istio.io/traffic-distribution";

/** Reads a Service; TCP ports only, since the mesh carries nothing else. */
export function readService(object: unknown): ServiceInput {
  const { generation: _generation, annotations, ...meta } = readMeta(object);
  const spec = fields(fields(object)["spec"]);
  const loadBalancer = fields(fields(fields(object)["status"])["loadBalancer"]);
  const addresses = [...new Set([text(spec["clusterIP"]), ...items(spec["clusterIPs"]).map((ip) => text(ip))])];
  return {
    ...meta,
    selector: texts(spec["selector"]),
    addresses: addresses.filter((address) => address !== "" && address !== "None"),
    ports: items(spec["ports"])
      .map(fields)
      .filter((entry) => text(entry["protocol"], "TCP") === "TCP" && port(entry["port"]) !== 0)
      .map(readPort),
    type: text(spec["type"], "ClusterIP"),
    loadBalancerAddresses: items(loadBalancer["ingress"])
      .map((entry) => text(fields(entry)["ip"]) || text(fields(entry)["hostname"]))
      .filter((address) => address !== ""),
    trafficDistribution: text(spec["trafficDistribution"]),
    trafficDistributionWish: annotations[trafficDistributionAnnotation] ?? "",
    nodeLocal: text(spec["internalTrafficPolicy"]) === "Local",
  };
}

function readPort(entry: Readonly<Record<string, unknown>>): ServicePortInput {
  const number = port(entry["port"]);
  const target = entry["targetPort"];
  const named = typeof target === "string" && target !== "" ? target : undefined;
  return {
    name: text(entry["name"]),
    port: number,
    targetPort: named ?? (port(target) || number),
    appProtocol: text(entry["appProtocol"]),
  };
}
