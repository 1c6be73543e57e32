import { expect, test } from "vitest";
import { prometheusText } from "../telemetry/prometheus-text.ts";
import { Recorder } from "../telemetry/recorder.ts";
import { AccessLog } from "./access-log.ts";
import { Audits, addAuditMetrics } from "./audits.ts";
import { ClusterCounters } from "./cluster-counters.ts";
import { WaypointEdges } from "./edge-book.ts";
import { addEnvoyMetrics, envoyClusterName } from "./envoy-metrics.ts";
import {
  cluster,
  endpoint,
  forwardPlan,
  outcome,
  replyPlan,
  request,
  settings,
  sleep,
} from "./proxy-fixtures.suite.ts";
import { ProxyTelemetry } from "./proxy-telemetry.ts";
import { TelemetryRules } from "./telemetry-rules.ts";

function page(): string {
  const snapshot = {
    cluster,
    endpoints: 2,
    healthy: 1,
    activeRequests: 1,
    activeRetries: 0,
    requests: 10,
    retries: 4,
    retriesSucceeded: 3,
    retriesForbidden: 2,
    timeouts: 1,
    overflows: 5,
    ejections: 6,
    ejected: [{ endpoint, untilMs: 1, reason: "consecutive-5xx" }],
  };
  const counters = new ClusterCounters(() => [snapshot]);
  const recorder = new Recorder({ proxy: "p", node: "n", status: () => ({}) as never, now: () => 0 });
  const edges = new WaypointEdges(settings, recorder);
  const audits = new Audits();
  const telemetry = new ProxyTelemetry({
    settings,
    recorder,
    counters,
    rules: new TelemetryRules(),
    audits,
    accessLog: new AccessLog(1),
    edges,
  });
  const peer = {
    ...outcome().peer,
    workload: { ...sleep, canonicalRevision: 'quote" back\\slash\nline' },
  };
  const plan = forwardPlan({ audited: ["default/everything"] });
  telemetry.exchange(outcome({ peer, plan, durationMs: 0.4, requestBytes: 0, responseBytes: 150 }));
  telemetry.exchange(outcome({ peer, durationMs: 99_999, requestBytes: 2_000_000, responseBytes: 20_000_000 }));
  telemetry.exchange(outcome({ status: 429, flag: "RL", plan: replyPlan(), endpoint: undefined }));
  telemetry.exchange(
    outcome({ request: { ...request, grpc: true }, grpcStatus: 0, requestMessages: 2, responseMessages: 3 }),
  );
  telemetry.tunnel({
    phase: "closed",
    peer: outcome().peer,
    target: "t",
    service: cluster.service,
    port: 5432,
    endpoint,
    flag: "-",
    sentBytes: 7,
    receivedBytes: 8,
    refusal: undefined,
  });
  return prometheusText(recorder.edges.values(), { component: "proxy", version: "0.1.0" }, (more) => {
    addEnvoyMetrics(more, counters, "waypoint");
    addAuditMetrics(more, audits);
  });
}

test("the page is what Prometheus, Grafana and Kiali expect of a waypoint", async () => {
  await expect(page()).toMatchFileSnapshot("testdata/metrics.txt");
});

test("every line is a comment or a sample of the family above it, buckets only grow", () => {
  const families = new Set<string>();
  let family = "";
  const lastBucket = new Map<string, number>();
  for (const line of page().trimEnd().split("\n")) {
    const head = /^# (?:HELP|TYPE) (\S+) \S/.exec(line);
    if (head !== null) {
      family = head[1] ?? "";
      families.add(line);
      continue;
    }
    const sample = /^([a-z_]+)\{((?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,|(?=\})))*)\} (\d+(?:\.\d+)?)$/.exec(line);
    expect(sample, line).not.toBeNull();
    expect(sample?.[1]?.replace(/_(?:bucket|sum|count)$/, "")).toBe(family);
    if (sample?.[1]?.endsWith("_bucket") === true) {
      const series = `${sample[1]}${sample[2]?.replace(/,?le="[^"]*"/, "")}`;
      const value = Number(sample[3]);
      expect(value).toBeGreaterThanOrEqual(lastBucket.get(series) ?? 0);
      lastBucket.set(series, value);
    }
  }
  expect(families.size % 2).toBe(0);
});

test.each([
  [
    "default/httpbin.default.svc.cluster.local|8000|",
    "waypoint",
    "inbound-vip|8000|http|httpbin.default.svc.cluster.local",
  ],
  ["default/a.default.svc.cluster.local|80|v1", "waypoint", "inbound-vip|80|http/v1|a.default.svc.cluster.local"],
  ["default/a.default.svc.cluster.local|80|v1", "gateway", "outbound|80|v1|a.default.svc.cluster.local"],
  ["listener/80", "gateway", "listener/80"],
] as const)("cluster %s of a %s is called %s", (key, kind, name) => {
  expect(envoyClusterName(key, kind)).toBe(name);
});
