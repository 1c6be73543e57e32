/** What the node runner says of a pod. */
import type * as z from "zod";
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
  time,
  word,
} from "../schema/builders.ts";

const containerState = struct(
  "v1.ContainerState",
  {},
  {
    waiting: struct("v1.ContainerStateWaiting", {}, { reason: str(), message: str() }),
    running: struct("v1.ContainerStateRunning", {}, { startedAt: time() }),
    terminated: struct(
      "v1.ContainerStateTerminated",
      { exitCode: int32() },
      { signal: int32(), reason: str(), message: str(), startedAt: time(), finishedAt: time(), containerID: str() },
    ),
  },
);

const containerStatus = struct(
  "v1.ContainerStatus",
  { name: str(), ready: bool(), restartCount: int32(), image: str(), imageID: str() },
  {
    state: containerState,
    lastState: containerState,
    containerID: str(),
    started: bool(),
    allocatedResources: dict(quantity()),
    resources: anything(),
    volumeMounts: list(anything()),
    user: anything(),
  },
);

const podCondition = struct(
  "v1.PodCondition",
  {
    type: str({ goType: "v1.PodConditionType" }),
    status: word(["True", "False", "Unknown"], { goType: "v1.ConditionStatus" }),
  },
  {
    observedGeneration: int64(),
    lastProbeTime: time({ nullable: true }),
    lastTransitionTime: time({ nullable: true }),
    reason: str(),
    message: str(),
  },
);

export const podStatus = struct(
  "v1.PodStatus",
  {},
  {
    observedGeneration: int64(),
    phase: word(["Pending", "Running", "Succeeded", "Failed", "Unknown"], { goType: "v1.PodPhase" }),
    conditions: keyed(podCondition, ["type"], mergedBy("type")),
    message: str(),
    reason: str(),
    nominatedNodeName: str(),
    hostIP: str(),
    hostIPs: list(struct("v1.HostIP", { ip: str() }, {}), mergedBy("ip")),
    podIP: str(),
    podIPs: keyed(struct("v1.PodIP", { ip: str() }, {}), ["ip"], mergedBy("ip")),
    startTime: time(),
    initContainerStatuses: list(containerStatus),
    containerStatuses: list(containerStatus),
    ephemeralContainerStatuses: list(containerStatus),
    qosClass: word(["Guaranteed", "Burstable", "BestEffort"], { goType: "v1.PodQOSClass" }),
    resize: str(),
  },
);

export type PodStatus = z.infer<typeof podStatus>;
export type ContainerStatus = z.infer<typeof containerStatus>;
export type ContainerState = z.infer<typeof containerState>;
