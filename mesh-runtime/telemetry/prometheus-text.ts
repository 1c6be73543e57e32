import { durationBoundsMs } from "../api/telemetry.ts";
import type { EdgeRecorder } from "./edge-recorder.ts";

const escapeLabel = (value: string): string => value.replace(/[\\"\n]/g, (c) => (c === "\n" ? "\\n" : `\\${c}`));
const formatLabels = (labels: object): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeLabel(String(value))}"`)
    .join(",");

/**
 * The `/metrics` page in Prometheus' text format 0.0.4, with Istio's standard metric and label names
 * (istio.io "Istio Standard Metrics"), so that Prometheus, Grafana and Kiali read it unchanged.
 */
export function prometheusText(edges: Iterable<EdgeRecorder>, build: { component: string; version: string }): string {
  const families = new Map<string, { type: "counter" | "histogram" | "gauge"; lines: string[] }>();
  const family = (name: string, type: "counter" | "histogram" | "gauge"): string[] => {
    const known = families.get(name);
    if (known !== undefined) {
      return known.lines;
    }
    const lines: string[] = [];
    families.set(name, { type, lines });
    return lines;
  };
  const counter = (name: string, labels: string, value: number): void => {
    family(name, "counter").push(`${name}{${labels}} ${value}`);
  };

  family("istio_build", "gauge").push(
    `istio_build{${formatLabels({ component: build.component, tag: build.version })}} 1`,
  );
  for (const edge of edges) {
    for (const series of new Set(edge.requests.values())) {
      const labels = formatLabels({
        ...edge.labels,
        response_code: series.responseCode,
        response_flags: series.responseFlags,
      });
      counter("istio_requests_total", labels, series.count.total);
      const name = "istio_request_duration_milliseconds";
      const lines = family(name, "histogram");
      let cumulative = 0;
      for (const [index, bound] of durationBoundsMs.entries()) {
        cumulative += series.durations.buckets[index] ?? 0;
        lines.push(`${name}_bucket{${labels},le="${bound}"} ${cumulative}`);
      }
      lines.push(`${name}_bucket{${labels},le="+Inf"} ${series.count.total}`);
      lines.push(`${name}_sum{${labels}} ${series.durations.sumMs}`, `${name}_count{${labels}} ${series.count.total}`);
      for (const [bytesName, bytes] of [
        ["istio_request_bytes", series.requestBytes.total],
        ["istio_response_bytes", series.responseBytes.total],
      ] as const) {
        family(bytesName, "histogram").push(
          `${bytesName}_bucket{${labels},le="+Inf"} ${series.count.total}`,
          `${bytesName}_sum{${labels}} ${bytes}`,
          `${bytesName}_count{${labels}} ${series.count.total}`,
        );
      }
    }
    for (const [flag, series] of edge.connections) {
      const labels = formatLabels({ ...edge.labels, response_flags: flag });
      counter("istio_tcp_connections_opened_total", labels, series.opened.total);
      counter("istio_tcp_connections_closed_total", labels, series.closed.total);
      counter("istio_tcp_sent_bytes_total", labels, series.sentBytes.total);
      counter("istio_tcp_received_bytes_total", labels, series.receivedBytes.total);
    }
  }
  return [...families].map(([name, { type, lines }]) => `# TYPE ${name} ${type}\n${lines.join("\n")}\n`).join("");
}
