/** apps/v1 Deployment: schema and type. */
import type * as z from "zod";
import { podTemplate } from "./pod.ts";
import { bool, int32, int64, intOrString, keyed, mergedBy, str, struct, time, word } from "./schema/builders.ts";
import { labelSelector, object } from "./schema/object-meta.ts";

const deploymentCondition = struct(
  "v1.DeploymentCondition",
  {
    type: str({ goType: "v1.DeploymentConditionType" }),
    status: word(["True", "False", "Unknown"], { goType: "v1.ConditionStatus" }),
  },
  { lastUpdateTime: time(), lastTransitionTime: time(), reason: str(), message: str() },
);

const deploymentSpec = struct(
  "v1.DeploymentSpec",
  {
    selector: labelSelector.clone().describe("Labels of the pods that belong to the deployment. Cannot be changed."),
    template: podTemplate.describe("The pods to make."),
  },
  {
    replicas: int32().describe("How many pods to run; 1 by default."),
    strategy: struct(
      "v1.DeploymentStrategy",
      {},
      {
        type: word(["RollingUpdate", "Recreate"], { goType: "v1.DeploymentStrategyType" }),
        rollingUpdate: struct(
          "v1.RollingUpdateDeployment",
          {},
          { maxUnavailable: intOrString(), maxSurge: intOrString() },
        ),
      },
      { "x-kubernetes-patch-strategy": "retainKeys" },
    ).describe("How new pods take the place of old ones."),
    minReadySeconds: int32().describe("Seconds that a new pod must be ready before it counts as available."),
    revisionHistoryLimit: int32().describe("Old revisions to keep; 10 by default."),
    paused: bool().describe("Changes of the template are not rolled out while true."),
    progressDeadlineSeconds: int32().describe("Seconds without progress after which the rollout counts as failed."),
  },
);

export const deploymentSchema = object(
  "Deployment",
  "apps/v1",
  "v1.Deployment",
  {},
  {
    spec: deploymentSpec.describe("The pods that are wished."),
    status: struct(
      "v1.DeploymentStatus",
      {},
      {
        observedGeneration: int64().describe("The generation that the controller has acted on."),
        replicas: int32(),
        updatedReplicas: int32().describe("Pods made from the current template."),
        readyReplicas: int32().describe("Pods that are ready."),
        availableReplicas: int32().describe("Pods that are ready for long enough."),
        unavailableReplicas: int32().describe("Pods still missing."),
        terminatingReplicas: int32(),
        conditions: keyed(deploymentCondition, ["type"], mergedBy("type")),
        collisionCount: int32(),
      },
    ),
  },
);

export type Deployment = z.infer<typeof deploymentSchema>;
export type DeploymentSpec = z.infer<typeof deploymentSpec>;
