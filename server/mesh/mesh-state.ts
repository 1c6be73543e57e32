import type { ProxyStatus } from "@/mesh-runtime/api/telemetry.ts";
import type { MeshState, ProxySummary } from "@/server/contracts/mesh.ts";
import { count } from "@/server/golden-paths/path.ts";
import { rootNamespace, waypointClass } from "@/server/inventory/labels.ts";
import {
  findService,
  type Inventory,
  type InventoryGateway,
  type InventoryService,
  wayOf,
} from "@/server/inventory/model.ts";
import { findPolicies } from "@/server/policies/applied.ts";
import type { Portal } from "@/server/portal.ts";
import type { TelemetryMemory } from "@/server/telemetry/memory.ts";

/** A proxy pushes once a second. */
const staleMs = 10_000;
const goneMs = 60_000;

/** Control plane, nodes, proxies and their certificates, as far as they told. */
export async function meshState(portal: Portal, nowMs: number = Date.now()): Promise<MeshState> {
  await portal.ownership.refresh(nowMs);
  const { config, cluster, telemetry, ownership } = portal;
  const inventory = portal.inventory.current;
  const policies = findPolicies(inventory);
  const proxies = [...telemetry.proxies.values()]
    .filter(({ seenUnixMs, kind }) => kind === "agent" || nowMs - seenUnixMs < goneMs * 5)
    .map((status) => toProxy(status, nowMs))
    .sort((one, other) => (`${one.kind} ${one.name}` < `${other.kind} ${other.name}` ? -1 : 1));
  return {
    target: config.target,
    trustDomain: config.trustDomain,
    controlPlane: {
      ...controlPlane(proxies),
      kubernetesVersion: cluster.serverVersion,
      apiConnected: cluster.connected,
    },
    nodes: inventory.nodes.map(({ name, ready, readyText, region, zone, address, version }) => ({
      name,
      ready,
      readyText,
      region,
      zone,
      address,
      pods: inventory.pods.filter(({ node }) => node === name).length,
      version,
    })),
    proxies,
    namespaces: inventory.namespaces
      .filter(({ name, enrolment }) => enrolment.pods > 0 || (name !== rootNamespace && !name.startsWith("kube-")))
      .map(({ name, enrolment }) => ({
        name,
        team: ownership.ownerOf(name),
        enrolment,
        proxies: inventory.pods.filter((pod) => pod.namespace === name && pod.proxy).length,
        mtlsRequired: policies.namespaceRequiresMtls(name),
        lockedDown: policies.namespaceLockedDown(name) || policies.meshLockedDown,
      })),
    gateways: inventory.gateways.map((gateway) => toGateway(gateway, inventory, telemetry, nowMs)),
    certificates: proxies
      .flatMap((proxy) => proxy.certificates.map((certificate) => ({ ...certificate, proxy: proxy.name })))
      .sort((one, other) => one.notAfterUnixMs - other.notAfterUnixMs),
    newestUnixMs: telemetry.newestUnixMs,
  };
}

/** A gateway or waypoint with its pods and, for a waypoint, what it stands in front of. */
function toGateway(
  { namespace, name, className, programmed, text, addresses, hosts, service }: InventoryGateway,
  inventory: Inventory,
  { clusterStates }: Pick<TelemetryMemory, "clusterStates">,
  nowMs: number,
): MeshState["gateways"][number] {
  const waypoint = className === waypointClass;
  const pods = findService(inventory, { namespace, name: service })?.pods ?? [];
  const proxies = new Set(pods.map((pod) => `${pod.name}.${pod.namespace}`));
  const asking = waypoint ? inventory.services.filter((candidate) => candidate.waypointBound !== undefined) : [];
  const isServed = ({ waypoint: by }: InventoryService): boolean => by?.namespace === namespace && by.name === name;
  return {
    kind: waypoint ? "waypoint" : "gateway",
    namespace,
    name,
    className,
    programmed,
    text,
    addresses: [...addresses],
    hosts: [...hosts],
    pods: pods.length,
    readyPods: pods.filter(({ ready }) => ready).length,
    serves: asking.filter(isServed).map((served) => ({
      namespace: served.namespace,
      name: served.name,
      way: wayOf(served),
      text: served.waypointEnforced?.message ?? "",
    })),
    refused: asking
      .filter(
        ({ waypointBound }) => waypointBound?.ok === false && waypointBound.message.includes(`${namespace}/${name}"`),
      )
      .map((refused) => ({
        namespace: refused.namespace,
        name: refused.name,
        text: refused.waypointBound?.message ?? "",
      })),
    ejected: [...clusterStates.values()]
      .filter(({ proxy, seenUnixMs }) => proxies.has(proxy) && nowMs - seenUnixMs < staleMs)
      .flatMap(({ ejected }) => ejected),
  };
}

function toProxy(status: ProxyStatus & { seenUnixMs: number }, nowMs: number): ProxySummary {
  const silentMs = nowMs - status.seenUnixMs;
  const [state, stateText] = ((): [ProxySummary["state"], string] => {
    if (silentMs > goneMs) {
      return ["disconnected", `Not heard of for ${Math.round(silentMs / 1_000)} s`];
    }
    if (silentMs > staleMs) {
      return ["stale", `Last heard of ${Math.round(silentMs / 1_000)} s ago`];
    }
    if (!status.xdsConnected) {
      return ["disconnected", "No connection to the control plane; the last configuration stays in force"];
    }
    return status.rejected.length > 0
      ? ["rejecting", `${count(status.rejected.length, "resource")} rejected; the last good version is in force`]
      : ["in-sync", ""];
  })();
  return {
    name: status.proxy,
    kind: status.kind,
    node: status.node,
    version: status.version,
    state,
    stateText,
    startedUnixMs: status.startedUnixMs,
    lastSeenUnixMs: status.seenUnixMs,
    lastAppliedUnixMs: status.lastAppliedUnixMs,
    workloads: status.resources.workloads,
    services: status.resources.services,
    authorizations: status.resources.authorizations,
    rejected: status.rejected,
    certificates: status.certificates,
    openConnections: status.openConnections,
    residentBytes: status.residentBytes,
  };
}

/** The control plane is judged by those who depend on it. */
function controlPlane(proxies: readonly ProxySummary[]): Pick<MeshState["controlPlane"], "state" | "text"> {
  const heard = proxies.filter(({ state }) => state !== "stale");
  const connected = heard.filter(({ state }) => state === "in-sync" || state === "rejecting").length;
  if (heard.length === 0) {
    return { state: "unknown", text: "No proxy has reported lately" };
  }
  return {
    state: connected === 0 ? "unreachable" : "connected",
    text: `${connected} of ${count(heard.length, "proxy", "proxies")} connected`,
  };
}
