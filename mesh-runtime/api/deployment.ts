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
    minReadySeconds: int32(),
    revisionHistoryLimit: int32(),
    paused: bool(),
    progressDeadlineSeconds: int32(),
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
        observedGeneration: int64(),
        replicas: int32(),
        updatedReplicas: int32(),
        readyReplicas: int32(),
        availableReplicas: int32(),
        unavailableReplicas: int32(),
        terminatingReplicas: int32(),
        conditions: keyed(deploymentCondition, ["type"], mergedBy("type")),
        collisionCount: int32(),
      },
    ),
  },
);

export type Deployment = z.infer<typeof deploymentSchema>;
export type DeploymentSpec = z.infer<typeof deploymentSpec>;
