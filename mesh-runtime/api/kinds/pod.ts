/** core/v1 Pod: behaviour. */
import { type Pod, podSchema } from "../pod.ts";
import { podWarnings, validatePodSpec, validatePodUpdate } from "../validation/pods.ts";
import { ageColumn, column, nameColumn } from "./columns.ts";
import { nativeKind } from "./define.ts";
import { admitPod, refusePod } from "./pod-admission.ts";
import { podDefaults } from "./pod-defaults.ts";
import { podReady, podRestarts, podState } from "./pod-summary.ts";

export const podKind = nativeKind<Pod>({
  group: "",
  version: "v1",
  kind: "Pod",
  plural: "pods",
  shortNames: ["po"],
  categories: ["all"],
  schema: podSchema,
  hasStatus: true,
  defaults: podDefaults,
  prepare: (pod, old, context) => (old === undefined ? admitPod(pod, context) : pod),
  refuse: (pod, old, context) => (old === undefined ? refusePod(pod, context) : undefined),
  validate: (pod, old) => [
    ...validatePodSpec(pod.spec ?? { containers: [] }, "spec"),
    ...(old === undefined ? [] : validatePodUpdate(pod, old)),
  ],
  warnings: (pod) => podWarnings(pod.spec, "spec"),
  columns: [
    nameColumn,
    column("Ready", (pod: Pod) => podReady(pod), { description: "Ready containers of all containers." }),
    column("Status", (pod: Pod) => podState(pod), { description: "What the pod is doing." }),
    column("Restarts", (pod: Pod, now) => podRestarts(pod, now), { description: "Restarts, and when the last was." }),
    ageColumn,
    column("IP", (pod: Pod) => pod.status?.podIP ?? "<none>", { priority: 1 }),
    column("Node", (pod: Pod) => pod.spec?.nodeName ?? "<none>", { priority: 1 }),
    column("Nominated Node", (pod: Pod) => pod.status?.nominatedNodeName ?? "<none>", { priority: 1 }),
    column("Readiness Gates", () => "<none>", { priority: 1 }),
  ],
});
