import type { Deployment } from "../api/deployment.ts";
import type { Pod } from "../api/pod.ts";

export const hashLabel = "pod-template-hash";

/** The pod that a Deployment makes from its template. */
export function podFromTemplate(deployment: Deployment, hash: string, suffix: string): Pod {
  const { metadata, spec } = deployment;
  const template = spec?.template;
  const name = metadata?.name ?? "";
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `${name.slice(0, 63 - hash.length - suffix.length - 2)}-${hash}-${suffix}`,
      ...(metadata?.namespace !== undefined && { namespace: metadata.namespace }),
      labels: { ...template?.metadata?.labels, [hashLabel]: hash },
      ...(template?.metadata?.annotations && { annotations: template.metadata.annotations }),
      ...(template?.metadata?.finalizers && { finalizers: template.metadata.finalizers }),
      ownerReferences: [
        {
          apiVersion: "apps/v1",
          kind: "Deployment",
          name,
          uid: metadata?.uid ?? "",
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    ...(template?.spec !== undefined && { spec: template.spec }),
  };
}

/** True for the pods that this very Deployment made. */
export const isOwnedBy = (pod: Pod, deployment: Deployment): boolean =>
  pod.metadata?.ownerReferences?.some(
    ({ uid, controller }) => controller === true && uid === deployment.metadata?.uid,
  ) === true;

/** Since when the pod is ready; undefined when it is not. */
export function readySinceMs(pod: Pod): number | undefined {
  const condition = pod.status?.conditions?.find(({ type }) => type === "Ready");
  return condition?.status === "True" ? Date.parse(condition.lastTransitionTime ?? "") || 0 : undefined;
}

/** Succeeded or Failed: the pod does not run again. */
export const isOver = (pod: Pod): boolean => pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
