/** core/v1 Node: schema and type. */
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
  set,
  str,
  struct,
  time,
  word,
} from "./schema/builders.ts";
import { object } from "./schema/object-meta.ts";

const nodeCondition = struct(
  "v1.NodeCondition",
  {
    type: str({ goType: "v1.NodeConditionType" }),
    status: word(["True", "False", "Unknown"], { goType: "v1.ConditionStatus" }),
  },
  { lastHeartbeatTime: time(), lastTransitionTime: time(), reason: str(), message: str() },
);

const taint = struct(
  "v1.Taint",
  { key: str(), effect: word(["NoSchedule", "PreferNoSchedule", "NoExecute"], { goType: "v1.TaintEffect" }) },
  { value: str(), timeAdded: time() },
);

export const nodeSchema = object(
  "Node",
  "v1",
  "v1.Node",
  {},
  {
    spec: struct(
      "v1.NodeSpec",
      {},
      {
        podCIDR: str().describe("Network of the node's pods."),
        podCIDRs: set(str(), { "x-kubernetes-patch-strategy": "merge" }),
        providerID: str().describe("Identity at the provider."),
        unschedulable: bool().describe("No new pods are placed here."),
        taints: list(taint).describe("Keep pods away that do not tolerate them."),
        externalID: str(),
        configSource: anything(),
      },
    ),
    status: struct(
      "v1.NodeStatus",
      {},
      {
        capacity: dict(quantity()).describe("What the node has."),
        allocatable: dict(quantity()).describe("What pods may use."),
        phase: str({ goType: "v1.NodePhase" }),
        conditions: keyed(nodeCondition, ["type"], mergedBy("type")),
        addresses: keyed(
          struct(
            "v1.NodeAddress",
            {
              type: word(["Hostname", "InternalIP", "ExternalIP", "InternalDNS", "ExternalDNS"], {
                goType: "v1.NodeAddressType",
              }),
              address: str(),
            },
            {},
          ),
          ["type"],
          mergedBy("type"),
        ),
        daemonEndpoints: struct(
          "v1.NodeDaemonEndpoints",
          {},
          { kubeletEndpoint: struct("v1.DaemonEndpoint", { Port: int32() }, {}) },
        ),
        nodeInfo: struct(
          "v1.NodeSystemInfo",
          {},
          {
            machineID: str(),
            systemUUID: str(),
            bootID: str(),
            kernelVersion: str(),
            osImage: str(),
            containerRuntimeVersion: str(),
            kubeletVersion: str(),
            kubeProxyVersion: str(),
            operatingSystem: str(),
            architecture: str(),
          },
        ),
        images: list(struct("v1.ContainerImage", {}, { names: list(str()), sizeBytes: int64() })),
        volumesInUse: list(str()),
        volumesAttached: list(anything()),
        config: anything(),
        runtimeHandlers: list(anything()),
        features: anything(),
      },
    ),
  },
);

export type Node = z.infer<typeof nodeSchema>;
