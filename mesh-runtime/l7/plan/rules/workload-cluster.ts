import type { L7Cluster } from "../../../xds/proxy-config.ts";

/** The cluster of a pod that is called by its own address: that pod alone, with Istio's defaults. */
export function workloadCluster(uid: string, port: number): L7Cluster {
  return {
    key: `${uid}|${port}|`,
    service: "",
    port,
    subset: "",
    members: [uid],
    protocol: "AUTO",
    loadBalancing: { policy: "LEAST_REQUEST", hashBy: undefined, warmupMs: 0, locality: { kind: "none" } },
    limits: {
      maxConnections: 0,
      connectTimeoutMs: 10_000,
      maxPendingRequests: 0,
      maxRequests: 0,
      maxRetries: 0,
      maxRequestsPerConnection: 0,
      idleTimeoutMs: 3_600_000,
    },
    outlierDetection: undefined,
    retryBudget: undefined,
    origin: "",
  };
}
