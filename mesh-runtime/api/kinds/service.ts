/** core/v1 Service: behaviour. */
import type { AdmissionContext } from "../kind.ts";
import { equal } from "../schema/json.ts";
import { type Service, type ServicePort, serviceSchema } from "../service.ts";
import { dns1035Label } from "../validation/names.ts";
import { validateService, validateServiceUpdate } from "../validation/services.ts";
import { ageColumn, column, labelText, nameColumn } from "./columns.ts";
import { nativeKind } from "./define.ts";

type Spec = NonNullable<Service["spec"]>;

/** Seconds that a client sticks to a pod, where affinity is by address. */
const affinitySeconds = 10_800;

const takesTraffic = (spec: Spec) => spec.type === "NodePort" || spec.type === "LoadBalancer";

function defaults(service: Service): Service {
  const spec: Spec = { ...service.spec };
  spec.type ||= "ClusterIP";
  spec.sessionAffinity ||= "None";
  if (spec.sessionAffinity === "ClientIP") {
    spec.sessionAffinityConfig = {
      ...spec.sessionAffinityConfig,
      clientIP: { timeoutSeconds: affinitySeconds, ...spec.sessionAffinityConfig?.clientIP },
    };
  }
  if (spec.ports) {
    spec.ports = spec.ports.map((port) => ({
      ...port,
      protocol: port.protocol || "TCP",
      targetPort:
        port.targetPort === undefined || port.targetPort === "" || port.targetPort === 0 ? port.port : port.targetPort,
    }));
  }
  if (takesTraffic(spec)) {
    spec.externalTrafficPolicy ||= "Cluster";
  }
  if (spec.type !== "ExternalName") {
    spec.internalTrafficPolicy ||= "Cluster";
  }
  if (spec.type === "LoadBalancer") {
    spec.allocateLoadBalancerNodePorts ??= true;
  }
  if (spec.clusterIP && (spec.clusterIPs ?? []).length === 0) {
    spec.clusterIPs = [spec.clusterIP];
  } else if (!spec.clusterIP && spec.clusterIPs?.[0]) {
    spec.clusterIP = spec.clusterIPs[0];
  }
  return { ...service, spec };
}

/** The server chooses the families when it allocates, so they belong to nobody; hence not among the defaults. */
const withFamilies = (spec: Spec): Spec =>
  spec.type === "ExternalName"
    ? spec
    : { ...spec, ipFamilies: spec.ipFamilies ?? ["IPv4"], ipFamilyPolicy: spec.ipFamilyPolicy ?? "SingleStack" };

/** A write that leaves out what was allocated keeps it. */
function keepAllocated(spec: Spec, old: Spec): Spec {
  const kept: Spec = { ...spec };
  if (spec.type !== "ExternalName" && old.type !== "ExternalName" && !spec.clusterIP && !spec.clusterIPs?.length) {
    kept.clusterIP = old.clusterIP;
    kept.clusterIPs = old.clusterIPs;
  } else if (spec.clusterIP !== old.clusterIP && spec.clusterIP && equal(spec.clusterIPs, old.clusterIPs)) {
    // One of the two forms was changed: the other follows.
    kept.clusterIPs = [spec.clusterIP];
  } else if (spec.clusterIP === old.clusterIP && spec.clusterIPs?.[0] && !equal(spec.clusterIPs, old.clusterIPs)) {
    kept.clusterIP = spec.clusterIPs[0];
  }
  if (takesTraffic(spec) && takesTraffic(old) && spec.ports) {
    const before = new Map((old.ports ?? []).map((port) => [portKey(port), port.nodePort]));
    kept.ports = spec.ports.map((port) => (port.nodePort ? port : withNodePort(port, before.get(portKey(port)))));
  }
  return kept;
}

const portKey = (port: ServicePort) => `${port.protocol} ${port.port}`;
const withNodePort = (port: ServicePort, nodePort: number | undefined): ServicePort =>
  nodePort === undefined ? port : { ...port, nodePort };

/** Gives the service its address, and node ports where its type has them. */
function allocate(service: Service, old: Service | undefined, context: AdmissionContext): Service {
  const spec: Spec = { ...service.spec };
  if (spec.type !== "ExternalName" && context.allocateClusterIp && spec.clusterIP !== "None") {
    const held = old?.spec?.clusterIP;
    if (!spec.clusterIP || spec.clusterIP !== held) {
      const ip = context.allocateClusterIp(spec.clusterIP || undefined);
      spec.clusterIP = ip;
      spec.clusterIPs = [ip];
    }
  }
  const ported =
    spec.type === "NodePort" || (spec.type === "LoadBalancer" && spec.allocateLoadBalancerNodePorts !== false);
  const { allocateNodePort } = context;
  if (ported && allocateNodePort && spec.ports) {
    const held = new Set((old?.spec?.ports ?? []).map((port) => port.nodePort));
    spec.ports = spec.ports.map((port) =>
      port.nodePort && held.has(port.nodePort)
        ? port
        : { ...port, nodePort: allocateNodePort(port.nodePort || undefined) },
    );
  }
  return { ...service, spec };
}

function portText(spec: Spec | undefined): string {
  const texts = (spec?.ports ?? []).map((port) =>
    port.nodePort ? `${port.port}:${port.nodePort}/${port.protocol}` : `${port.port}/${port.protocol}`,
  );
  return texts.length === 0 ? "<none>" : texts.join(",");
}

function externalText(service: Service): string {
  const ips = service.spec?.externalIPs ?? [];
  switch (service.spec?.type) {
    case "ExternalName":
      return service.spec.externalName || "<none>";
    case "LoadBalancer": {
      const ingress = (service.status?.loadBalancer?.ingress ?? []).map((entry) => entry.ip || entry.hostname || "");
      return [...ingress, ...ips].join(",") || "<pending>";
    }
    default:
      return ips.join(",") || "<none>";
  }
}

export const serviceKind = nativeKind<Service>({
  group: "",
  version: "v1",
  kind: "Service",
  plural: "services",
  shortNames: ["svc"],
  categories: ["all"],
  schema: serviceSchema,
  hasStatus: true,
  createOnUpdate: true,
  name: dns1035Label,
  defaults,
  prepare: (service, old) =>
    old === undefined
      ? { ...service, spec: withFamilies(service.spec ?? {}), status: { loadBalancer: {} } }
      : { ...service, spec: withFamilies(keepAllocated(service.spec ?? {}, old.spec ?? {})) },
  validate: (service, old) => [
    ...validateService(service.spec ?? {}),
    ...(old === undefined ? [] : validateServiceUpdate(service.spec ?? {}, old.spec ?? {})),
  ],
  finish: allocate,
  columns: [
    nameColumn,
    column("Type", (service: Service) => service.spec?.type ?? ""),
    column("Cluster-IP", (service: Service) => service.spec?.clusterIP || "<none>"),
    column("External-IP", externalText),
    column("Port(s)", (service: Service) => portText(service.spec)),
    ageColumn,
    column("Selector", (service: Service) => labelText(service.spec?.selector), { priority: 1 }),
  ],
});
