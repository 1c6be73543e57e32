import type { Pod } from "./pod-types.ts";

/** Name of what made the pod: its Deployment, or the pod itself. */
export function workloadName(pod: Pod): string {
  const owner = pod.metadata?.ownerReferences?.find(({ controller }) => controller === true);
  if (owner === undefined) {
    return pod.metadata?.name ?? "";
  }
  const hash = pod.metadata?.labels?.["pod-template-hash"];
  return owner.kind === "ReplicaSet" && hash !== undefined && owner.name.endsWith(`-${hash}`)
    ? owner.name.slice(0, -hash.length - 1)
    : owner.name;
}

/** Istio's canonical service: label, then the recommended and the common app label, then the workload's name. */
export function canonicalName(pod: Pod): string {
  const labels = pod.metadata?.labels ?? {};
  return (
    labels["service.istio.io/canonical-name"] ?? labels["app.kubernetes.io/name"] ?? labels["app"] ?? workloadName(pod)
  );
}

/** Istio's canonical revision, `latest` when nothing says otherwise. */
export function canonicalRevision(pod: Pod): string {
  const labels = pod.metadata?.labels ?? {};
  return (
    labels["service.istio.io/canonical-revision"] ??
    labels["app.kubernetes.io/version"] ??
    labels["version"] ??
    "latest"
  );
}
