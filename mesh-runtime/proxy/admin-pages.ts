import { getHeapSpaceStatistics } from "node:v8";
import type { ProxyStatus } from "../api/telemetry.ts";
import type { MeshView } from "../l7/mesh-view.ts";
import type { ClusterSnapshot } from "../l7/upstream/upstreams.ts";
import type { ProxyConfig } from "../xds/proxy-config.ts";
import { envoyClusterName } from "./envoy-metrics.ts";
import type { Page } from "./monitoring-server.ts";
import { redactedConfig } from "./redacted-config.ts";

export interface AdminSources {
  status(): ProxyStatus;
  config(): ProxyConfig | undefined;
  clusters(): readonly ClusterSnapshot[];
  readonly view: MeshView;
}

/** `/config_dump` (JSON, without secrets), `/memory` (bytes, by heap space) and `/clusters` (Envoy's text form). */
export function adminPages(sources: AdminSources): Readonly<Record<string, Page>> {
  return {
    "/config_dump": () => {
      const config = sources.config();
      const dump = { status: sources.status(), proxyConfig: config === undefined ? null : redactedConfig(config) };
      return { status: 200, contentType: "application/json", body: `${JSON.stringify(dump, null, 2)}\n` };
    },
    "/memory": () => {
      const spaces = getHeapSpaceStatistics().map(({ space_name, space_size, space_used_size }) => ({
        space: space_name,
        sizeBytes: space_size,
        usedBytes: space_used_size,
      }));
      const body = `${JSON.stringify({ ...process.memoryUsage(), spaces }, null, 2)}\n`;
      return { status: 200, contentType: "application/json", body };
    },
    "/clusters": () => ({ status: 200, contentType: "text/plain", body: clustersText(sources) }),
  };
}

function clustersText({ config, clusters, view }: AdminSources): string {
  const kind = config()?.kind ?? "gateway";
  let text = "";
  for (const snapshot of clusters()) {
    const { cluster } = snapshot;
    const name = envoyClusterName(cluster.key, kind);
    const line = (what: string, value: string | number): void => {
      text += `${name}::${what}::${value}\n`;
    };
    line("default_priority::max_connections", cluster.limits.maxConnections);
    line("default_priority::max_pending_requests", cluster.limits.maxPendingRequests);
    line("default_priority::max_requests", cluster.limits.maxRequests);
    line("default_priority::max_retries", cluster.limits.maxRetries);
    line("rq_total", snapshot.requests);
    line("rq_active", snapshot.activeRequests);
    line("membership_total", snapshot.endpoints);
    line("membership_healthy", snapshot.healthy);
    const ejected = new Map(snapshot.ejected.map(({ endpoint, reason }) => [endpoint.key, reason]));
    const members = cluster.members === undefined ? undefined : new Set(cluster.members);
    for (const endpoint of view.endpoints(cluster.service, cluster.port) ?? []) {
      if (members !== undefined && !members.has(endpoint.workload.uid)) {
        continue;
      }
      const at = `${endpoint.address}:${endpoint.port}`;
      const failed = ejected.get(endpoint.key);
      line(`${at}::hostname`, `${endpoint.workload.namespace}/${endpoint.workload.name}`);
      line(`${at}::zone`, endpoint.locality.zone);
      line(
        `${at}::health_flags`,
        failed !== undefined
          ? `/failed_outlier_check (${failed})`
          : endpoint.healthy
            ? "healthy"
            : "/failed_eds_health",
      );
    }
  }
  return text;
}
