import { canonicalName, canonicalRevision, workloadName } from "./canonical-name.ts";
import type { Pod } from "./pod-types.ts";
import { tokenPaths } from "./token-files.ts";

/** What every proxy pod of this node is told about its mesh. */
export interface MeshFacts {
  readonly xdsAddress: string;
  readonly xdsRootFile: string;
  readonly telemetryEndpoint: string;
  readonly trustDomain: string;
  readonly clusterId: string;
  readonly region: string;
  readonly zone: string;
}

/** Variables of a proxy pod (annotation `towpath.dev/network: direct`), read by `mesh-runtime/proxy`. */
export function proxyEnvironment(pod: Pod, mesh: MeshFacts, tokenDirectory: string): Record<string, string> {
  const tokens = tokenPaths(tokenDirectory);
  const hostPorts: Record<string, { hostIP: string; hostPort: number }> = {};
  for (const { ports = [] } of pod.spec?.containers ?? []) {
    for (const { containerPort, hostIP, hostPort } of ports) {
      if (hostPort !== undefined && hostPort > 0) {
        hostPorts[String(containerPort)] = { hostIP: hostIP ?? "127.0.0.1", hostPort };
      }
    }
  }
  return {
    SERVICE_ACCOUNT: pod.spec?.serviceAccountName ?? "default",
    GATEWAY_NAME: pod.metadata?.labels?.["gateway.networking.k8s.io/gateway-name"] ?? "",
    WORKLOAD_NAME: workloadName(pod),
    APP_LABEL: canonicalName(pod),
    VERSION_LABEL: canonicalRevision(pod),
    TOWPATH_XDS_ADDRESS: mesh.xdsAddress,
    TOWPATH_XDS_ROOT: mesh.xdsRootFile,
    TOWPATH_TOKEN_FILE: tokens.istio,
    TOWPATH_TELEMETRY_ENDPOINT: mesh.telemetryEndpoint,
    TOWPATH_TELEMETRY_TOKEN_FILE: tokens.telemetry,
    TOWPATH_TRUST_DOMAIN: mesh.trustDomain,
    TOWPATH_CLUSTER_ID: mesh.clusterId,
    TOWPATH_REGION: mesh.region,
    TOWPATH_ZONE: mesh.zone,
    TOWPATH_HOST_PORTS: JSON.stringify(hostPorts),
  };
}
