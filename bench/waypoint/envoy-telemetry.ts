/** Share of requests that are traced, in per cent: Istio's default, and the same for both proxies. */
export const tracedPercent = 1;
/** Answers from this status on are logged. */
export const loggedFromStatus = 400;

const type = (name: string): string => `type.googleapis.com/envoy.${name}`;

/** Labels of Istio's standard metrics that differ from request to request; the constant ones are left out. */
const tags = [
  { name: "source_principal", value_format: "%REQ(x-bench-peer)%" },
  { name: "destination_service", value_format: "%REQ(:authority)%" },
  { name: "destination_cluster", value_format: "%UPSTREAM_CLUSTER%" },
  { name: "request_protocol", value_format: "%PROTOCOL%" },
  { name: "response_code", value_format: "%RESPONSE_CODE%" },
  { name: "response_flags", value_format: "%RESPONSE_FLAGS%" },
];

const histogram = (name: string, unit: "Bytes" | "Milliseconds", value: string): object => ({
  stat: { name, tags },
  unit,
  value_format: `%${value}%`,
});

/**
 * What Istio has a waypoint's Envoy do for telemetry, as far as the public binary can: the four standard metrics of
 * HTTP with labels (Istio's own filter is not part of it; the statistics access logger counts the same), a log of
 * failed requests, and traces of one request in a hundred to a collector. Fields of an HTTP connection manager.
 */
export const envoyTelemetry = (): object => ({
  access_log: [
    {
      name: "envoy.access_loggers.stats",
      typed_config: {
        "@type": type("extensions.access_loggers.stats.v3.Config"),
        stat_prefix: "istio",
        counters: [{ stat: { name: "requests_total", tags }, value_fixed: 1 }],
        histograms: [
          histogram("request_duration_milliseconds", "Milliseconds", "DURATION"),
          histogram("request_bytes", "Bytes", "BYTES_RECEIVED"),
          histogram("response_bytes", "Bytes", "BYTES_SENT"),
        ],
      },
    },
    {
      name: "envoy.access_loggers.file",
      filter: {
        status_code_filter: {
          comparison: { op: "GE", value: { default_value: loggedFromStatus, runtime_key: "bench.log" } },
        },
      },
      typed_config: { "@type": type("extensions.access_loggers.file.v3.FileAccessLog"), path: "/dev/stdout" },
    },
  ],
  tracing: {
    random_sampling: { value: tracedPercent },
    provider: {
      name: "envoy.tracers.opentelemetry",
      typed_config: {
        "@type": type("config.trace.v3.OpenTelemetryConfig"),
        service_name: "waypoint.bench",
        http_service: {
          http_uri: { uri: "http://collector/v1/traces", cluster: "collector", timeout: "5s" },
        },
      },
    },
  },
});

/** The cluster that `envoyTelemetry` sends traces to. */
export const envoyCollector = (port: number): object => ({
  name: "collector",
  type: "STATIC",
  connect_timeout: "5s",
  load_assignment: {
    cluster_name: "collector",
    endpoints: [
      { lb_endpoints: [{ endpoint: { address: { socket_address: { address: "127.0.0.1", port_value: port } } } }] },
    ],
  },
});
