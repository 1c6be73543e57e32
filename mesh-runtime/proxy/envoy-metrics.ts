import { labelText, type PrometheusPage } from "../telemetry/prometheus-page.ts";
import type { ClusterCounters } from "./cluster-counters.ts";
import { serviceOf } from "./cluster-counters.ts";

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

/** Adds what dashboards for Envoy look for, with Envoy's names. */
export function addEnvoyMetrics(page: PrometheusPage, counters: ClusterCounters, kind: "gateway" | "waypoint"): void {
  for (const { key, snapshot, own } of counters.all()) {
    const labels = labelText({ cluster_name: envoyClusterName(key, kind) });
    if (snapshot !== undefined) {
      const { requests, retries, retriesSucceeded, retriesForbidden, timeouts, overflows } = snapshot;
      page.counter("envoy_cluster_upstream_rq_total", "Requests to upstreams.", labels, requests);
      page.counter("envoy_cluster_upstream_rq_retry", "Retries.", labels, retries);
      page.counter("envoy_cluster_upstream_rq_retry_success", "Retries that ended well.", labels, retriesSucceeded);
      page.counter(
        "envoy_cluster_upstream_rq_retry_overflow",
        "Retries that a budget or limit forbade.",
        labels,
        retriesForbidden,
      );
      page.counter("envoy_cluster_upstream_rq_timeout", "Tries that timed out.", labels, timeouts);
      page.counter(
        "envoy_cluster_upstream_rq_pending_overflow",
        "Requests refused by a limit of the connection pool.",
        labels,
        overflows,
      );
      page.gauge("envoy_cluster_upstream_rq_active", "Requests under way.", labels, snapshot.activeRequests);
      page.gauge("envoy_cluster_membership_total", "Endpoints.", labels, snapshot.endpoints);
      page.gauge("envoy_cluster_membership_healthy", "Endpoints that are used.", labels, snapshot.healthy);
      page.gauge(
        "envoy_cluster_outlier_detection_ejections_active",
        "Endpoints ejected now.",
        labels,
        snapshot.ejected.length,
      );
      page.counter(
        "envoy_cluster_outlier_detection_ejections_enforced_total",
        "Ejections.",
        labels,
        snapshot.ejections,
      );
    }
    page.counter(
      "envoy_http_local_rate_limit_rate_limited",
      "Requests refused by a rate limit.",
      labels,
      own.rateLimited,
    );
  }
}
