import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  type Address,
  AddressSchema,
  type Port,
  type ServiceSchema,
  TunnelProtocol,
  type Service as WireService,
  type Workload as WireWorkload,
  type WorkloadSchema,
  WorkloadStatus,
  WorkloadType,
} from "./gen/workload_pb.js";
import { ipFromBytes, ipToBytes } from "./ip-bytes.ts";
import type { MeshService, ServicePort, Workload } from "./model.ts";
import { decoding, MalformedResource, portNumber, type ResourceType, requiredText } from "./resource-type.ts";
import { loadBalancingFromWire, loadBalancingToWire, waypointFromWire, waypointToWire } from "./traffic-direction.ts";

/** What `istio.workload.Address` carries. */
export type MeshAddress =
  | { readonly kind: "workload"; readonly workload: Workload }
  | { readonly kind: "service"; readonly service: MeshService };

/** Key of a service, on the wire and in `Workload.services`. */
export const serviceKey = ({ namespace, hostname }: { namespace: string; hostname: string }): string =>
  `${namespace}/${hostname}`;

/** Istio's ambient addresses: workloads by uid, services by `<namespace>/<hostname>`. */
export const addressType: ResourceType<MeshAddress> = {
  typeUrl: "type.googleapis.com/istio.workload.Address",
  name: (value) => (value.kind === "workload" ? value.workload.uid : serviceKey(value.service)),
  encode: (value) =>
    toBinary(
      AddressSchema,
      create(AddressSchema, {
        type:
          value.kind === "workload"
            ? { case: "workload", value: workloadToWire(value.workload) }
            : { case: "service", value: serviceToWire(value.service) },
      }),
    ),
  decode: (bytes) => decoding(() => addressFromWire(fromBinary(AddressSchema, bytes))),
};

function addressFromWire({ type }: Address): MeshAddress {
  switch (type.case) {
    case "workload":
      return { kind: "workload", workload: workloadFromWire(type.value) };
    case "service":
      return { kind: "service", service: serviceFromWire(type.value) };
    default:
      throw new MalformedResource("address: neither workload nor service");
  }
}

function workloadToWire(workload: Workload): MessageInitShape<typeof WorkloadSchema> {
  const { addresses, services, authorizationPolicies, locality, waypoint, ...plain } = workload;
  return {
    ...plain,
    addresses: addresses.map(ipToBytes),
    tunnelProtocol: TunnelProtocol[workload.tunnelProtocol],
    workloadType: WorkloadType[workload.workloadType],
    status: WorkloadStatus[workload.status],
    authorizationPolicies: [...authorizationPolicies],
    services: Object.fromEntries(
      Object.entries(services).map(([key, servicePorts]) => [
        key,
        { ports: servicePorts.map((port) => ({ ...port })) },
      ]),
    ),
    locality: { ...locality },
    waypoint: waypoint && waypointToWire(waypoint),
  };
}

const workloadTypes: Record<number, Workload["workloadType"] | undefined> = {
  [WorkloadType.DEPLOYMENT]: "DEPLOYMENT",
  [WorkloadType.CRONJOB]: "CRONJOB",
  [WorkloadType.POD]: "POD",
  [WorkloadType.JOB]: "JOB",
};

function workloadFromWire(wire: WireWorkload): Workload {
  const tunnelProtocol: Workload["tunnelProtocol"] | undefined = ({ 0: "NONE", 1: "HBONE" } as const)[
    wire.tunnelProtocol as 0 | 1
  ];
  const status: Workload["status"] | undefined = ({ 0: "HEALTHY", 1: "UNHEALTHY" } as const)[wire.status as 0 | 1];
  const workloadType = workloadTypes[wire.workloadType];
  if (tunnelProtocol === undefined || status === undefined || workloadType === undefined) {
    throw new MalformedResource("workload: tunnel protocol, status or type is unknown");
  }
  return {
    uid: requiredText(wire.uid, "uid"),
    name: requiredText(wire.name, "name"),
    namespace: requiredText(wire.namespace, "namespace"),
    addresses: wire.addresses.map(ipFromBytes),
    tunnelProtocol,
    nativeTunnel: wire.nativeTunnel,
    // Empty on the wire means these two defaults (Istio leaves the common value out).
    trustDomain: wire.trustDomain || "cluster.local",
    serviceAccount: wire.serviceAccount || "default",
    node: wire.node,
    canonicalName: wire.canonicalName,
    canonicalRevision: wire.canonicalRevision,
    workloadType,
    workloadName: wire.workloadName,
    services: Object.fromEntries(
      Object.entries(wire.services).map(([key, list]) => [
        namespacedKey(key, "services"),
        list.ports.map(portFromWire),
      ]),
    ),
    authorizationPolicies: wire.authorizationPolicies.map((name) => namespacedKey(name, "authorization_policies")),
    status,
    clusterId: wire.clusterId || "Kubernetes",
    locality: {
      region: wire.locality?.region ?? "",
      zone: wire.locality?.zone ?? "",
      subzone: wire.locality?.subzone ?? "",
    },
    ...(wire.waypoint === undefined ? {} : { waypoint: waypointFromWire(wire.waypoint) }),
  };
}

const serviceToWire = (service: MeshService): MessageInitShape<typeof ServiceSchema> => ({
  name: service.name,
  namespace: service.namespace,
  hostname: service.hostname,
  addresses: service.addresses.map((address) => ({ network: "", address: ipToBytes(address) })),
  ports: service.ports.map((port) => ({ ...port })),
  waypoint: service.waypoint && waypointToWire(service.waypoint),
  loadBalancing: service.loadBalancing && loadBalancingToWire(service.loadBalancing),
  ingressUseWaypoint: service.ingressUseWaypoint ?? false,
});

function serviceFromWire(wire: WireService): MeshService {
  const loadBalancing = wire.loadBalancing && loadBalancingFromWire(wire.loadBalancing);
  return {
    name: requiredText(wire.name, "name"),
    namespace: requiredText(wire.namespace, "namespace"),
    hostname: requiredText(wire.hostname, "hostname"),
    addresses: wire.addresses.map(({ address }) => ipFromBytes(address)),
    ports: wire.ports.map(portFromWire),
    // What says nothing is left out, so that a round trip gives equal values.
    ...(wire.waypoint === undefined ? {} : { waypoint: waypointFromWire(wire.waypoint) }),
    ...(wire.ingressUseWaypoint ? { ingressUseWaypoint: true } : {}),
    ...(loadBalancing === undefined ? {} : { loadBalancing }),
  };
}

const portFromWire = (port: Port): ServicePort => ({
  servicePort: portNumber(port.servicePort, "service_port"),
  targetPort: portNumber(port.targetPort, "target_port", { zero: true }),
});

function namespacedKey(key: string, field: string): string {
  const slash = key.indexOf("/");
  if (slash < 1 || slash === key.length - 1) {
    throw new MalformedResource(`${field}: "${key}" is not <namespace>/<name>`);
  }
  return key;
}
