import { durationBoundsMs } from "../api/duration-bounds.ts";
import type { CopyRecorder } from "../telemetry/copy-recorder.ts";
import { labelText, type PrometheusPage } from "../telemetry/prometheus-page.ts";
import type { ClusterCounters } from "./cluster-counters.ts";
import { envoyClusterName } from "./envoy-metrics.ts";

/** Adds what became of mirrored copies, under names of their own: `istio_requests_total` is what callers asked for. */
export function addCopyMetrics(
  page: PrometheusPage,
  copies: CopyRecorder,
  clusters: ClusterCounters,
  kind: "gateway" | "waypoint",
): void {
  for (const { of, to, responseCode, responseFlags, grpcStatus, count, durations } of copies.series.values()) {
    const labels = labelText({
      mirrored_service: of.service,
      mirrored_service_namespace: of.serviceNamespace,
      destination_service: to.service,
      destination_service_namespace: to.serviceNamespace,
      response_code: responseCode,
      response_flags: responseFlags,
      ...(grpcStatus < 0 ? {} : { grpc_response_status: grpcStatus }),
    });
    page.counter("towpath_mirrored_requests_total", "Copies of requests that are over.", labels, count.total);
    page.histogram("towpath_mirrored_request_duration_milliseconds", "Duration of copies.", labels, {
      bounds: durationBoundsMs,
      buckets: durations.buckets,
      sum: durations.sumMs,
    });
  }
  for (const { key, totals } of clusters.all()) {
    if (totals.notMirrored > 0) {
      const labels = labelText({ cluster_name: envoyClusterName(key, kind) });
      const help = "Requests whose copy was not sent.";
      page.counter("towpath_requests_not_mirrored_total", help, labels, totals.notMirrored);
    }
  }
}
