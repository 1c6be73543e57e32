/** telemetry.istio.io/v1 Telemetry: schema and type. (`telemetry.ts` is what proxies report, another thing.) */
import type * as z from "zod";
import { duration } from "./istio/duration.ts";
import { oneSelection, policyTargetReference, targetReferences, workloadSelector } from "./istio/selection.ts";
import { istioStatus } from "./istio/status.ts";
import { bool, dict, double, list, nullable, oneOf, rules, str, struct } from "./schema/builders.ts";
import { object } from "./schema/object-meta.ts";

const word = () => str({ minLength: 1 });
const mode = () => oneOf(["CLIENT_AND_SERVER", "CLIENT", "SERVER"]).describe("Whose view is meant; both by default.");
const providers = list(struct("v1alpha1.ProviderRef", { name: word() }, {})).describe(
  "Names in the mesh's configuration; its defaults when absent.",
);

const customTag = struct(
  "v1alpha1.Tracing_CustomTag",
  {},
  {
    literal: struct("v1alpha1.Tracing_Literal", { value: word() }, {}),
    environment: struct("v1alpha1.Tracing_Environment", { name: word() }, { defaultValue: str() }),
    header: struct("v1alpha1.Tracing_RequestHeader", { name: word() }, { defaultValue: str() }),
    formatter: struct("v1alpha1.Tracing_Formatter", { value: word() }, {}),
  },
  { exclusive: [["literal", "environment", "header", "formatter"]] },
);

const tracing = struct(
  "v1alpha1.Tracing",
  {},
  {
    match: struct("v1alpha1.Tracing_TracingSelector", {}, { mode: mode() }),
    providers,
    randomSamplingPercentage: nullable(double({ minimum: 0, maximum: 100 })).describe(
      "Share of requests without a decision of their own.",
    ),
    disableSpanReporting: nullable(bool()).describe("Passes headers on, reports nothing."),
    customTags: dict(customTag).describe("Attributes of every span."),
    useRequestIdForTraceSampling: nullable(bool()),
    enableIstioTags: nullable(bool()),
  },
);

const tagOverride = rules(
  struct(
    "v1alpha1.MetricsOverrides_TagOverride",
    {},
    { operation: oneOf(["UPSERT", "REMOVE"]), value: str().describe("A CEL expression.") },
  ),
  {
    message: "no such key: value evaluating rule: value must be set when operation is UPSERT",
    check: (self) => self.operation !== "UPSERT" || self.value !== undefined,
  },
  {
    message: "value must be set when operation is UPSERT",
    check: (self) => self.operation !== "UPSERT" || self.value !== "",
  },
  {
    message: "value must not be set when operation is REMOVE",
    check: (self) => self.operation !== "REMOVE" || self.value === undefined,
  },
);

const metrics = struct(
  "v1alpha1.Metrics",
  {},
  {
    providers,
    overrides: list(
      struct(
        "v1alpha1.MetricsOverrides",
        {},
        {
          match: struct(
            "v1alpha1.MetricSelector",
            {},
            {
              metric: oneOf([
                "ALL_METRICS",
                "REQUEST_COUNT",
                "REQUEST_DURATION",
                "REQUEST_SIZE",
                "RESPONSE_SIZE",
                "TCP_OPENED_CONNECTIONS",
                "TCP_CLOSED_CONNECTIONS",
                "TCP_SENT_BYTES",
                "TCP_RECEIVED_BYTES",
                "GRPC_REQUEST_MESSAGES",
                "GRPC_RESPONSE_MESSAGES",
              ]),
              customMetric: word(),
              mode: mode(),
            },
            { exclusive: [["metric", "customMetric"]] },
          ),
          disabled: nullable(bool()),
          tagOverrides: dict(tagOverride),
        },
      ),
    ),
    reportingInterval: duration().describe("Between two reports of TCP."),
  },
);

const accessLogging = struct(
  "v1alpha1.AccessLogging",
  {},
  {
    match: struct("v1alpha1.AccessLogging_LogSelector", {}, { mode: mode() }),
    providers,
    disabled: nullable(bool()).describe("Nothing is logged."),
    filter: struct(
      "v1alpha1.AccessLogging_Filter",
      {},
      { expression: str().describe("A CEL expression over the request and its answer.") },
    ),
  },
);

const telemetrySpec = rules(
  struct(
    "v1alpha1.Telemetry",
    {},
    {
      selector: workloadSelector.describe("Workloads that it is for; the whole namespace when absent."),
      targetRef: policyTargetReference.clone().describe("One target; prefer targetRefs."),
      targetRefs: targetReferences.describe("Services or gateways that it is for, at their waypoint."),
      tracing: list(tracing).describe("Spans."),
      metrics: list(metrics).describe("Metrics."),
      accessLogging: list(accessLogging).describe("Access logs."),
    },
  ),
  oneSelection,
);

export const istioTelemetrySchema = object(
  "Telemetry",
  "telemetry.istio.io/v1",
  "v1.Telemetry",
  {},
  { spec: telemetrySpec.describe("What proxies tell of requests."), status: istioStatus },
);

export type IstioTelemetry = z.infer<typeof istioTelemetrySchema>;
export type IstioTracing = z.infer<typeof tracing>;
export type IstioMetrics = z.infer<typeof metrics>;
export type IstioAccessLogging = z.infer<typeof accessLogging>;
