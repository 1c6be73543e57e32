/** apps/v1 Deployment: behaviour. */
import { type Deployment, type DeploymentSpec, deploymentSchema } from "../deployment.ts";
import { validateDeploymentSpec, validateDeploymentUpdate } from "../validation/deployments.ts";
import { podWarnings } from "../validation/pods.ts";
import { ageColumn, column, labelText, nameColumn } from "./columns.ts";
import { nativeKind } from "./define.ts";
import { podSpecDefaults } from "./pod-defaults.ts";

const revisionsKept = 10;
const progressSeconds = 600;

function strategyDefaults(strategy: DeploymentSpec["strategy"]): DeploymentSpec["strategy"] {
  const type = strategy?.type || "RollingUpdate";
  return type === "RollingUpdate"
    ? {
        ...strategy,
        type,
        rollingUpdate: {
          maxUnavailable: strategy?.rollingUpdate?.maxUnavailable ?? "25%",
          maxSurge: strategy?.rollingUpdate?.maxSurge ?? "25%",
        },
      }
    : { ...strategy, type };
}

function defaults(deployment: Deployment): Deployment {
  const spec: Partial<DeploymentSpec> = deployment.spec ?? {};
  const { template } = spec;
  return {
    ...deployment,
    spec: {
      ...spec,
      replicas: spec.replicas ?? 1,
      template: {
        // A template's metadata always carries its empty time.
        metadata: { creationTimestamp: null, ...template?.metadata },
        spec: podSpecDefaults(template?.spec ?? { containers: [] }),
      },
      strategy: strategyDefaults(spec.strategy),
      revisionHistoryLimit: spec.revisionHistoryLimit ?? revisionsKept,
      progressDeadlineSeconds: spec.progressDeadlineSeconds ?? progressSeconds,
    } as DeploymentSpec,
  };
}

const containersOf = (deployment: Deployment) => deployment.spec?.template.spec?.containers ?? [];

export const deploymentKind = nativeKind<Deployment>({
  group: "apps",
  version: "v1",
  kind: "Deployment",
  plural: "deployments",
  shortNames: ["deploy"],
  categories: ["all"],
  schema: deploymentSchema,
  hasStatus: true,
  scale: {
    specReplicasPath: ".spec.replicas",
    statusReplicasPath: ".status.replicas",
    labelSelectorPath: ".status.selector",
  },
  // A rollout copies annotations.
  generationFields: ["spec", "metadata.annotations"],
  defaults,
  prepare: (deployment, old) => (old === undefined ? { ...deployment, status: {} } : deployment),
  validate: (deployment, old) => [
    ...validateDeploymentSpec(deployment.spec ?? {}),
    ...(old === undefined ? [] : validateDeploymentUpdate(deployment.spec ?? {}, old.spec ?? {})),
  ],
  warnings: (deployment) => podWarnings(deployment.spec?.template.spec, "spec.template.spec"),
  columns: [
    nameColumn,
    column("Ready", (d: Deployment) => `${d.status?.readyReplicas ?? 0}/${d.spec?.replicas ?? 0}`),
    column("Up-to-date", (d: Deployment) => d.status?.updatedReplicas ?? 0, { type: "integer" }),
    column("Available", (d: Deployment) => d.status?.availableReplicas ?? 0, { type: "integer" }),
    ageColumn,
    column(
      "Containers",
      (d: Deployment) =>
        containersOf(d)
          .map((c) => c.name)
          .join(","),
      { priority: 1 },
    ),
    column(
      "Images",
      (d: Deployment) =>
        containersOf(d)
          .map((c) => c.image ?? "")
          .join(","),
      { priority: 1 },
    ),
    column("Selector", (d: Deployment) => labelText(d.spec?.selector?.matchLabels), { priority: 1 }),
  ],
});
