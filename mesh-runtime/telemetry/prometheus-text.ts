import { durationBoundsMs } from "../api/duration-bounds.ts";
import { sizeBounds } from "./counters.ts";
import type { EdgeRecorder, RequestSeries } from "./edge-recorder.ts";
import { labelText, PrometheusPage } from "./prometheus-page.ts";

/**
 * The `/metrics` page in Prometheus' text format 0.0.4, with Istio's standard metric and label names
 * (istio.io "Istio Standard Metrics"), so that Prometheus, Grafana and Kiali read it unchanged. `more` adds metrics of
 * the proxy's own.
 */
export function prometheusText(
  edges: Iterable<EdgeRecorder>,
  build: { readonly component: string; readonly version: string },
  more?: (page: PrometheusPage) => void,
): string {
  const page = new PrometheusPage();
  const { component, version } = build;
  page.gauge("istio_build", "Build of the component.", labelText({ component, tag: version }), 1);
  for (const edge of edges) {
    for (const series of edge.requests) {
      addRequests(page, edge, series);
    }
    for (const [flag, series] of edge.connections) {
      const labels = labelText({ ...edge.labels, response_flags: flag });
      page.counter("istio_tcp_connections_opened_total", "TCP connections opened.", labels, series.opened.total);
      page.counter("istio_tcp_connections_closed_total", "TCP connections closed.", labels, series.closed.total);
      page.counter("istio_tcp_sent_bytes_total", "Bytes sent in responses of TCP.", labels, series.sentBytes.total);
      page.counter("istio_tcp_received_bytes_total", "Bytes received of TCP.", labels, series.receivedBytes.total);
    }
  }
  more?.(page);
  return page.toString();
}

function addRequests(page: PrometheusPage, { labels: edgeLabels }: EdgeRecorder, series: RequestSeries): void {
  const grpc = series.grpcStatus >= 0;
  const labels = labelText({
    ...edgeLabels,
    response_code: series.responseCode,
    response_flags: series.responseFlags,
    ...(grpc ? { grpc_response_status: series.grpcStatus } : {}),
  });
  page.counter("istio_requests_total", "Requests.", labels, series.count.total);
  page.histogram("istio_request_duration_milliseconds", "Duration of requests.", labels, {
    bounds: durationBoundsMs,
    buckets: series.durations.buckets,
    sum: series.durations.sumMs,
  });
  for (const [name, help, { buckets, sum }] of [
    ["istio_request_bytes", "Size of request bodies.", series.requestBytes],
    ["istio_response_bytes", "Size of response bodies.", series.responseBytes],
  ] as const) {
    page.histogram(name, help, labels, { bounds: sizeBounds, buckets, sum: sum.total });
  }
  if (grpc) {
    const { requestMessages, responseMessages } = series;
    page.counter("istio_request_messages_total", "gRPC messages from clients.", labels, requestMessages.total);
    page.counter("istio_response_messages_total", "gRPC messages to clients.", labels, responseMessages.total);
  }
}
