import { isDirect } from "./capture.ts";
import type { Pod } from "./pod-types.ts";

/**
 * What a pod asks for and does not get, because its containers are plain processes of this machine: said in an Event,
 * so that nobody has to find out by surprise. Pure.
 */
export function ignoredFeatures(pod: Pod): string[] {
  const { spec } = pod;
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  const found: string[] = [];
  // Every pod that the API server admits has the volume of its ServiceAccount token.
  const volumes = (spec?.volumes ?? []).filter(({ name }) => !name.startsWith("kube-api-access-"));
  const mounted = volumes.filter(({ name }) =>
    containers.some(({ volumeMounts = [] }) => volumeMounts.some((mount) => mount.name === name)),
  );
  if (mounted.length > 0) {
    found.push(`mount volumes (${mounted.map(({ name }) => name).join(", ")})`);
  }
  const ports = containers.flatMap((container) => container.ports ?? []);
  if (!isDirect(pod) && ports.some(({ hostPort }) => (hostPort ?? 0) > 0)) {
    found.push("publish host ports");
  }
  if (ports.some(({ protocol }) => protocol !== undefined && protocol !== "TCP")) {
    found.push("carry UDP or SCTP");
  }
  if (containers.some(({ resources }) => Object.keys(resources?.limits ?? {}).length > 0)) {
    found.push("enforce resource limits");
  }
  const users = [spec?.securityContext, ...containers.map(({ securityContext }) => securityContext)];
  if (users.some((context) => context?.runAsUser !== undefined || context?.runAsGroup !== undefined)) {
    found.push("run as another user");
  }
  if (containers.some(({ lifecycle }) => lifecycle?.preStop !== undefined || lifecycle?.postStart !== undefined)) {
    found.push("run lifecycle hooks");
  }
  if (
    containers.some(({ livenessProbe, readinessProbe, startupProbe }) =>
      [livenessProbe, readinessProbe, startupProbe].some((probe) => probe?.grpc !== undefined),
    )
  ) {
    found.push("probe by gRPC");
  }
  return found;
}
