/** core/v1 Pod: schema and type. */
import type * as z from "zod";
import { type Container, container } from "./pod/container.ts";
import { affinity, toleration, topologySpread } from "./pod/scheduling.ts";
import { podSecurityContext } from "./pod/security-context.ts";
import { podStatus } from "./pod/status.ts";
import { volume } from "./pod/volume.ts";
import {
  anything,
  bool,
  dict,
  int32,
  int64,
  keyed,
  list,
  mergedBy,
  quantity,
  str,
  struct,
  word,
} from "./schema/builders.ts";
import { object, objectMeta } from "./schema/object-meta.ts";
import { localObjectReference } from "./serviceaccount.ts";

export const podSpec = struct(
  "v1.PodSpec",
  {
    containers: keyed(container, ["name"], mergedBy("name")).describe("Processes of the pod; at least one."),
  },
  {
    volumes: keyed(volume, ["name"], {
      "x-kubernetes-patch-merge-key": "name",
      "x-kubernetes-patch-strategy": "merge,retainKeys",
    }).describe("Files that containers may mount."),
    initContainers: keyed(container, ["name"], mergedBy("name")).describe("Run in order before the containers."),
    ephemeralContainers: keyed(anything(), ["name"], mergedBy("name")),
    restartPolicy: word(["Always", "OnFailure", "Never"], { goType: "v1.RestartPolicy" }).describe(
      "Always, OnFailure or Never.",
    ),
    terminationGracePeriodSeconds: int64().describe("Seconds between the first signal and the last."),
    activeDeadlineSeconds: int64().describe("Seconds that the pod may be active before it is ended."),
    dnsPolicy: word(["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"], { goType: "v1.DNSPolicy" }),
    nodeSelector: dict(str(), { "x-kubernetes-map-type": "atomic" }).describe("Labels that the node must have."),
    serviceAccountName: str().describe("The identity of the pod."),
    serviceAccount: str().describe("Old name of serviceAccountName."),
    automountServiceAccountToken: bool().describe("Whether a token of the ServiceAccount is mounted."),
    nodeName: str().describe("The node that runs the pod. Set by the scheduler."),
    hostNetwork: bool().describe("Use the node's network."),
    hostPID: bool().describe("See the node's processes."),
    hostIPC: bool().describe("Share the node's inter-process communication."),
    shareProcessNamespace: bool().describe("Let the containers see each other."),
    securityContext: podSecurityContext,
    imagePullSecrets: keyed(localObjectReference, ["name"], mergedBy("name")),
    hostname: str().describe("Host name of the pod; the pod's name by default."),
    subdomain: str().describe("With hostname: the DNS name below a headless service."),
    affinity,
    schedulerName: str().describe("The scheduler that places the pod."),
    tolerations: list(toleration).describe("Taints of nodes that the pod bears."),
    hostAliases: keyed(struct("v1.HostAlias", { ip: str() }, { hostnames: list(str()) }), ["ip"], mergedBy("ip")),
    priorityClassName: str().describe("Name of the priority class."),
    priority: int32().describe("Importance, from the priority class."),
    dnsConfig: struct(
      "v1.PodDNSConfig",
      {},
      {
        nameservers: list(str()),
        searches: list(str()),
        options: list(struct("v1.PodDNSConfigOption", {}, { name: str(), value: str() })),
      },
    ),
    readinessGates: list(struct("v1.PodReadinessGate", { conditionType: str() }, {})),
    runtimeClassName: str().describe("The runtime that runs the pod."),
    enableServiceLinks: bool().describe("Whether services are announced in environment variables."),
    preemptionPolicy: str({ goType: "v1.PreemptionPolicy" }),
    overhead: dict(quantity()).describe("What the runtime itself uses."),
    topologySpreadConstraints: keyed(topologySpread, ["topologyKey", "whenUnsatisfiable"], mergedBy("topologyKey")),
    setHostnameAsFQDN: bool().describe("Use the full name as host name."),
    os: struct("v1.PodOS", { name: str() }, {}),
    hostUsers: bool().describe("Use the node's users."),
    schedulingGates: keyed(struct("v1.PodSchedulingGate", { name: str() }, {}), ["name"], mergedBy("name")),
    resourceClaims: keyed(anything(), ["name"], {
      "x-kubernetes-patch-merge-key": "name",
      "x-kubernetes-patch-strategy": "merge,retainKeys",
    }),
    resources: anything(),
  },
);

/** `core/v1.PodTemplateSpec`, as Deployments carry it. */
export const podTemplate = struct(
  "v1.PodTemplateSpec",
  {},
  {
    metadata: objectMeta.clone().describe("Labels and annotations of the pods."),
    spec: podSpec.describe("What the pods run."),
  },
);

export const podSchema = object(
  "Pod",
  "v1",
  "v1.Pod",
  {},
  {
    spec: podSpec.describe("What to run, and where."),
    status: podStatus.describe("What the node says of the pod."),
  },
);

export type Pod = z.infer<typeof podSchema>;
export type PodSpec = z.infer<typeof podSpec>;
export type PodTemplate = z.infer<typeof podTemplate>;
export type { Container };
