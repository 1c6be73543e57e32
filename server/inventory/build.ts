/** Kubernetes objects to `Inventory`. Pure. */
import { enforcedCondition, findCondition, waypointEnforcedCondition } from "@/mesh-runtime/api/conditions.ts";
import type { Gateway } from "@/mesh-runtime/api/gateway.ts";
import type { HTTPRoute } from "@/mesh-runtime/api/httproute.ts";
import type { Node } from "@/mesh-runtime/api/node.ts";
import type { Pod } from "@/mesh-runtime/api/pod.ts";
import type { Service } from "@/mesh-runtime/api/service.ts";
import type { Enrolment } from "@/server/contracts/names.ts";
import type { ClusterObjects } from "./cluster-objects.ts";
import {
  dataplaneModeLabel,
  gatewayNameLabel,
  redirectionAnnotation,
  regionLabel,
  waypointClass,
  zoneLabel,
} from "./labels.ts";
import type {
  EnforcedCondition,
  Inventory,
  InventoryGateway,
  InventoryNode,
  InventoryPod,
  InventoryPort,
  InventoryService,
  ServiceCondition,
} from "./model.ts";
import { routingOf } from "./routing.ts";

const byName = (one: { namespace?: string; name: string }, other: { namespace?: string; name: string }): number =>
  `${one.namespace ?? ""}/${one.name}` < `${other.namespace ?? ""}/${other.name}` ? -1 : 1;

export function buildInventory(objects: ClusterObjects): Inventory {
  const pods = objects.pods.filter(isRunning).map(toPod).sort(byName);
  const labels = new Map(objects.namespaces.map((item) => [item.metadata?.name ?? "", item.metadata?.labels ?? {}]));
  const enrolmentOf = (namespace: string, of: readonly InventoryPod[]): Enrolment => {
    const counted = of.filter((pod) => !pod.proxy);
    return {
      labelled: labels.get(namespace)?.[dataplaneModeLabel] === "ambient",
      captured: counted.filter((pod) => pod.captured).length,
      pods: counted.length,
    };
  };
  const services = objects.services
    .filter(({ spec }) => Object.keys(spec?.selector ?? {}).length > 0)
    .map((service) => toService(service, pods, enrolmentOf))
    .sort(byName);
  return {
    namespaces: objects.namespaces
      .map((item) => {
        const name = item.metadata?.name ?? "";
        return {
          name,
          labels: item.metadata?.labels ?? {},
          enrolment: enrolmentOf(
            name,
            pods.filter((pod) => pod.namespace === name),
          ),
          receipt: toEnforced(item),
        };
      })
      .sort(byName),
    services,
    pods,
    nodes: objects.nodes.map(toNode).sort(byName),
    gateways: objects.gateways.map((gateway) => toGateway(gateway, objects.routes, services)).sort(byName),
    serviceAccounts: objects.serviceAccounts.map(({ metadata }) => ({
      namespace: metadata?.namespace ?? "",
      name: metadata?.name ?? "",
    })),
    authorizationPolicies: objects.authorizationPolicies,
    peerAuthentications: objects.peerAuthentications,
    routing: routingOf(objects),
    objects,
  };
}

const isRunning = ({ metadata, status }: Pod): boolean =>
  metadata?.deletionTimestamp === undefined && status?.phase !== "Succeeded" && status?.phase !== "Failed";

function toPod({ metadata, spec, status }: Pod): InventoryPod {
  const labels = metadata?.labels ?? {};
  const name = metadata?.name ?? "";
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true);
  // A Deployment's ReplicaSet is named after it with a hash behind; the embedded mesh has no ReplicaSets.
  const workload = owner?.kind === "ReplicaSet" ? owner.name.replace(/-[a-z0-9]+$/, "") : (owner?.name ?? name);
  const statuses = status?.containerStatuses ?? [];
  return {
    namespace: metadata?.namespace ?? "",
    name,
    labels,
    serviceAccount: spec?.serviceAccountName ?? "default",
    node: spec?.nodeName ?? "",
    ip: status?.podIP ?? "",
    phase: status?.phase ?? "Pending",
    ready: findCondition(status?.conditions, "Ready")?.status === "True",
    restarts: statuses.reduce((sum, { restartCount }) => sum + (restartCount ?? 0), 0),
    startedUnixMs: Date.parse(status?.startTime ?? metadata?.creationTimestamp ?? "") || 0,
    captured: metadata?.annotations?.[redirectionAnnotation] === "enabled",
    proxy: labels[gatewayNameLabel] !== undefined || labels[dataplaneModeLabel] === "none",
    workload,
    app: labels["service.istio.io/canonical-name"] ?? labels["app.kubernetes.io/name"] ?? labels["app"] ?? workload,
    version:
      labels["service.istio.io/canonical-revision"] ??
      labels["app.kubernetes.io/version"] ??
      labels["version"] ??
      "latest",
    container: spec?.containers?.[0]?.name ?? "",
    ports: (spec?.containers ?? []).flatMap(({ ports }) =>
      (ports ?? []).map(({ name: portName, containerPort }) => ({ name: portName ?? "", port: containerPort })),
    ),
  };
}

function toService(
  { metadata, spec, status }: Service,
  pods: readonly InventoryPod[],
  enrolmentOf: (namespace: string, pods: readonly InventoryPod[]) => Enrolment,
): InventoryService {
  const namespace = metadata?.namespace ?? "";
  const bound = serviceCondition(status?.conditions, "istio.io/WaypointBound");
  const selector = spec?.selector ?? {};
  const own = pods.filter(
    (pod) =>
      pod.namespace === namespace && Object.entries(selector).every(([name, value]) => pod.labels[name] === value),
  );
  return {
    namespace,
    name: metadata?.name ?? "",
    kind: kindOf(metadata?.labels, selector),
    selector,
    ports: (spec?.ports ?? []).map(
      (port): InventoryPort => ({
        name: port.name ?? "",
        port: port.port,
        targetPort: typeof port.targetPort === "number" ? port.targetPort : namedPort(port.targetPort, port.port, own),
        protocol: port.appProtocol ?? port.protocol ?? "TCP",
      }),
    ),
    pods: own,
    enrolment: enrolmentOf(namespace, own),
    waypoint: bound?.ok === true ? boundTo(bound.message) : undefined,
    waypointBound: bound,
    waypointEnforced: serviceCondition(status?.conditions, waypointEnforcedCondition),
  };
}

function kindOf(
  labels: Readonly<Record<string, string>> | undefined,
  selector: Readonly<Record<string, string>>,
): InventoryService["kind"] {
  if ((labels?.[gatewayNameLabel] ?? selector[gatewayNameLabel]) === undefined) {
    return "service";
  }
  return labels?.["gateway.networking.k8s.io/gateway-class-name"] === waypointClass ? "waypoint" : "gateway";
}

function serviceCondition(conditions: readonly unknown[] | undefined, type: string): ServiceCondition | undefined {
  const found = findCondition(
    conditions as readonly { type?: string; status?: string; reason?: string; message?: string }[] | undefined,
    type,
  );
  return found === undefined
    ? undefined
    : { ok: found.status === "True", reason: found.reason ?? "", message: found.message ?? "" };
}

/** Istio's text is the only place where the binding is confirmed: "Successfully attached to waypoint <ns>/<name>". */
function boundTo(message: string): InventoryService["waypoint"] {
  const [, namespace, name] = /^Successfully attached to waypoint ([a-z0-9.-]+)\/([a-z0-9-]+)/.exec(message) ?? [];
  return namespace === undefined || name === undefined ? undefined : { namespace, name };
}

/** A named target port is looked up in the pods; without one it is the service's own number. */
function namedPort(name: string | undefined, port: number, pods: readonly InventoryPod[]): number {
  if (name === undefined) {
    return port;
  }
  return pods.flatMap(({ ports }) => ports).find((candidate) => candidate.name === name)?.port ?? 0;
}

function toNode({ metadata, status }: Node): InventoryNode {
  const ready = findCondition(status?.conditions, "Ready");
  return {
    name: metadata?.name ?? "",
    region: metadata?.labels?.[regionLabel] ?? "",
    zone: metadata?.labels?.[zoneLabel] ?? "",
    ready: ready?.status === "True",
    readyText: ready?.message ?? "",
    address: status?.addresses?.find(({ type }) => type === "InternalIP")?.address ?? "",
    version: status?.nodeInfo?.kubeletVersion ?? "",
  };
}

function toGateway(
  { metadata, spec, status }: Gateway,
  routes: readonly HTTPRoute[],
  services: readonly InventoryService[],
): InventoryGateway {
  const namespace = metadata?.namespace ?? "";
  const name = metadata?.name ?? "";
  const programmed = findCondition(status?.conditions, "Programmed");
  const attached = routes.filter((route) =>
    (route.spec?.parentRefs ?? []).some(
      (parent) =>
        (parent.kind ?? "Gateway") === "Gateway" &&
        parent.name === name &&
        (parent.namespace ?? route.metadata?.namespace) === namespace,
    ),
  );
  const hosts = [
    ...(spec?.listeners ?? []).map(({ hostname }) => hostname),
    ...attached.flatMap((route) => route.spec?.hostnames ?? []),
  ].filter((host) => host !== undefined);
  return {
    namespace,
    name,
    className: spec?.gatewayClassName ?? "",
    programmed: programmed?.status === "True",
    text: programmed?.message ?? "Waiting for controller",
    addresses: (status?.addresses ?? []).map(({ value }) => value ?? ""),
    hosts: [...new Set(hosts)].sort(),
    labels: {
      ...metadata?.labels,
      [gatewayNameLabel]: name,
    },
    service:
      services.find((service) => service.namespace === namespace && service.selector[gatewayNameLabel] === name)
        ?.name ?? "",
  };
}

/** The receipt on an object's status; the generation may be text, as in Istio's own kinds. */
export function toEnforced(object: {
  readonly status?: { readonly conditions?: readonly unknown[] | undefined } | undefined;
}): EnforcedCondition | undefined {
  const found = findCondition(
    object.status?.conditions as
      | readonly {
          type?: string;
          status?: string;
          reason?: string;
          message?: string;
          observedGeneration?: number | string;
        }[]
      | undefined,
    enforcedCondition,
  );
  if (found === undefined) {
    return undefined;
  }
  return {
    status: found.status === "True" || found.status === "False" ? found.status : "Unknown",
    reason: found.reason ?? "",
    message: found.message ?? "",
    observedGeneration: Number(found.observedGeneration ?? 0),
  };
}
