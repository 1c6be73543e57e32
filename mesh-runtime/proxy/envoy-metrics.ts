import { labelText, type PrometheusPage } from "../telemetry/prometheus-page.ts";
import { type ClusterCounters, type ClusterTotals, serviceOf } from "./cluster-counters.ts";

/**
 * A cluster's name as Istio gives it to Envoy: `inbound-vip|<port>|http/<subset>|<hostname>` at a waypoint,
 * `outbound|<port>|<subset>|<hostname>` at a gateway.
 */
export function envoyClusterName(clusterKey: string, kind: "gateway" | "waypoint"): string {
  const { service } = serviceOf(clusterKey);
  if (service === "") {
    return clusterKey;
  }
  const [, port = "", subset = ""] = clusterKey.split("|");
  return kind === "waypoint"
    ? `inbound-vip|${port}|http${subset === "" ? "" : `/${subset}`}|${service}`
    : `outbound|${port}|${subset}|${service}`;
}

const counters: readonly (readonly [keyof ClusterTotals, string, string])[] = [
  ["requests", "envoy_cluster_upstream_rq_total", "Requests to upstreams."],
  ["retries", "envoy_cluster_upstream_rq_retry", "Retries."],
  ["retriesSucceeded", "envoy_cluster_upstream_rq_retry_success", "Retries that ended well."],
  ["retriesForbidden", "envoy_cluster_upstream_rq_retry_overflow", "Retries that a budget or limit forbade."],
  ["timeouts", "envoy_cluster_upstream_rq_timeout", "Tries that timed out."],
  ["overflows", "envoy_cluster_upstream_rq_pending_overflow", "Requests refused by a limit of the connection pool."],
  ["ejections", "envoy_cluster_outlier_detection_ejections_enforced_total", "Ejections."],
];

/** Adds what dashboards for Envoy look for, with Envoy's names. */
export function addEnvoyMetrics(page: PrometheusPage, clusters: ClusterCounters, kind: "gateway" | "waypoint"): void {
  for (const { key, totals, configured, endpoints, healthy, activeRequests, ejected } of clusters.all()) {
    const labels = labelText({ cluster_name: envoyClusterName(key, kind) });
    if (configured) {
      for (const [name, metric, help] of counters) {
        page.counter(metric, help, labels, totals[name]);
      }
      page.gauge("envoy_cluster_upstream_rq_active", "Requests under way.", labels, activeRequests);
      page.gauge("envoy_cluster_membership_total", "Endpoints.", labels, endpoints);
      page.gauge("envoy_cluster_membership_healthy", "Endpoints that are used.", labels, healthy);
      page.gauge("envoy_cluster_outlier_detection_ejections_active", "Endpoints ejected now.", labels, ejected.length);
    }
    page.counter(
      "envoy_http_local_rate_limit_rate_limited",
      "Requests refused by a rate limit.",
      labels,
      totals.rateLimited,
    );
  }
}
