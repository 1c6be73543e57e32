import type { Workload } from "../../xds/model.ts";
import type { NodeInput } from "./input/namespace.ts";
import type { PodInput } from "./input/pod.ts";
import type { ServiceInput } from "./input/service.ts";
import type { MeshFacts } from "./input/world.ts";
import { keyOfService, portsOnPod, selectsPod } from "./service-address.ts";
import { type Binding, isWaypointObject, waypointAddressOf } from "./waypoint/binding.ts";

/** Label that the gateway controller puts on the pods of a Gateway. */
const managedLabel = "gateway.istio.io/managed";

/** What else goes into a workload besides its pod. */
export interface WorkloadSurroundings {
  readonly facts: MeshFacts;
  readonly node: NodeInput | undefined;
  /** Services of the pod's namespace. */
  readonly services: readonly ServiceInput[];
  /** Selector policies that bind the pod, `<namespace>/<name>`. */
  readonly policies: readonly string[];
  /** What the labels say about its waypoint. */
  readonly binding: Binding | undefined;
}

/** Key of a pod on the wire. */
export const uidOf = ({ clusterId }: MeshFacts, { namespace, name }: { namespace: string; name: string }): string =>
  `${clusterId}//Pod/${namespace}/${name}`;

/** True for pods that are proxies of a Gateway: nobody captures them. */
export const isGatewayPod = (pod: PodInput): boolean => Object.hasOwn(pod.labels, managedLabel);

/**
 * A pod for the proxies, as Istio ambient sends it; `undefined` while it has no address and after it ended.
 * A pod that is going away is UNHEALTHY at once, so that no new connection is sent to it.
 */
export function translateWorkload(pod: PodInput, around: WorkloadSurroundings): Workload | undefined {
  if (pod.ended || pod.addresses.length === 0 || pod.node === "") {
    return undefined;
  }
  const { workloadName, workloadType } = controllerOf(pod);
  const { labels } = pod;
  const waypoint = waypointAddressOf(around.binding);
  const serving = around.services
    .filter((service) => selectsPod(service, pod))
    .map((service) => [keyOfService(service), portsOnPod(service, pod)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    uid: uidOf(around.facts, pod),
    name: pod.name,
    namespace: pod.namespace,
    addresses: pod.addresses,
    tunnelProtocol: pod.captured || isWaypointObject(labels) ? "HBONE" : "NONE",
    nativeTunnel: isGatewayPod(pod),
    trustDomain: around.facts.trustDomain,
    serviceAccount: pod.serviceAccount,
    node: pod.node,
    canonicalName:
      labels["service.istio.io/canonical-name"] ?? labels["app.kubernetes.io/name"] ?? labels["app"] ?? workloadName,
    canonicalRevision:
      labels["service.istio.io/canonical-revision"] ??
      labels["app.kubernetes.io/version"] ??
      labels["version"] ??
      "latest",
    workloadType,
    workloadName,
    services: Object.fromEntries(serving),
    authorizationPolicies: around.policies,
    status: pod.ready && !pod.terminating ? "HEALTHY" : "UNHEALTHY",
    clusterId: around.facts.clusterId,
    locality: {
      region: around.node?.region ?? "",
      zone: around.node?.zone ?? "",
      subzone: around.node?.subzone ?? "",
    },
    ...(waypoint === undefined ? {} : { waypoint }),
  };
}

/** The thing that made the pod, as Istio names it (istio/istio `pkg/kube/controllers`). */
function controllerOf({ name, owner, labels }: PodInput): Pick<Workload, "workloadName" | "workloadType"> {
  if (owner === undefined) {
    return { workloadName: name, workloadType: "POD" };
  }
  const hash = labels["pod-template-hash"];
  switch (owner.kind) {
    case "Deployment":
      return { workloadName: owner.name, workloadType: "DEPLOYMENT" };
    case "ReplicaSet":
      return hash !== undefined && owner.name.endsWith(`-${hash}`)
        ? { workloadName: owner.name.slice(0, -hash.length - 1), workloadType: "DEPLOYMENT" }
        : { workloadName: owner.name, workloadType: "POD" };
    case "Job": {
      // A CronJob's Jobs end in the scheduled time, in minutes.
      const scheduled = owner.name.replace(/-\d{8,}$/, "");
      return { workloadName: scheduled, workloadType: scheduled === owner.name ? "JOB" : "CRONJOB" };
    }
    default:
      return { workloadName: owner.name, workloadType: "POD" };
  }
}
