import { expect, test } from "vitest";
import { telemetryBatch } from "../api/telemetry.ts";
import type { ExchangeOutcome, TunnelOutcome } from "../l7/exchange-outcome.ts";
import type { Refusal } from "../l7/request-plan.ts";
import type { ClusterSnapshot } from "../l7/upstream/upstreams.ts";
import type { Decision } from "../policy/model.ts";
import { Recorder } from "../telemetry/recorder.ts";
import type { L7Telemetry } from "../xds/proxy-config.ts";
import type { AccessLog } from "./access-log.ts";
import { Audits } from "./audits.ts";
import { ClusterCounters } from "./cluster-counters.ts";
import { GatewayEdges, WaypointEdges } from "./edge-book.ts";
import {
  caller,
  cluster,
  endpoint,
  forwardPlan,
  outcome,
  proxyConfig,
  replyPlan,
  request,
  service,
  settings,
} from "./proxy-fixtures.suite.ts";
import { ProxyTelemetry } from "./proxy-telemetry.ts";
import { TelemetryRules } from "./telemetry-rules.ts";

const snapshot: ClusterSnapshot = {
  cluster,
  endpoints: 2,
  healthy: 1,
  activeRequests: 1,
  activeRetries: 0,
  requests: 0,
  retries: 0,
  retriesSucceeded: 0,
  retriesForbidden: 0,
  timeouts: 0,
  overflows: 0,
  ejections: 0,
  ejected: [],
};

const gatewaySettings = {
  ...settings,
  podName: "ingress-istio-1",
  namespace: "istio-ingress",
  serviceAccount: "ingress-istio",
  gateway: "ingress",
  workloadName: "ingress-istio",
  app: "ingress-istio",
};

function rig(kind: "waypoint" | "gateway" = "waypoint", telemetry?: Partial<L7Telemetry>) {
  const state = { snapshots: [snapshot], lines: [] as string[] };
  const own = kind === "waypoint" ? settings : gatewaySettings;
  const counters = new ClusterCounters(() => state.snapshots);
  const recorder = new Recorder({
    proxy: "p",
    node: "node-a",
    status: () => ({}) as never,
    sampling: 1,
    clusters: () => counters.take(7),
  });
  const rules = new TelemetryRules();
  const audits = new Audits();
  const config = proxyConfig();
  rules.update({ telemetry: { ...config.telemetry, ...telemetry } });
  const accessLog = { add: (line: string) => state.lines.push(line) } as unknown as AccessLog;
  const edges = kind === "waypoint" ? new WaypointEdges(own, recorder) : new GatewayEdges(own, recorder);
  const proxy = new ProxyTelemetry({ settings: own, recorder, counters, rules, audits, accessLog, edges });
  const take = () => {
    const batch = { ...recorder.take(), status: [] };
    telemetryBatch.parse(batch);
    return batch;
  };
  return { proxy, recorder, state, take, counters, audits };
}

function recorded(kind: "waypoint" | "gateway", ...outcomes: ExchangeOutcome[]) {
  const { proxy, take } = rig(kind);
  for (const one of outcomes) {
    proxy.exchange(one);
  }
  return take();
}

test("a waypoint reports the call: the caller's workload, the service that was called, the pod that was chosen", () => {
  const { requests, shapes, access, denials } = recorded("waypoint", outcome(), outcome());
  expect(requests).toMatchObject([
    {
      labels: {
        reporter: "waypoint",
        source_workload: "sleep",
        source_workload_namespace: "default",
        source_principal: "spiffe://cluster.local/ns/default/sa/sleep",
        source_canonical_revision: "v1",
        destination_workload: "httpbin",
        destination_principal: "spiffe://cluster.local/ns/default/sa/httpbin",
        destination_service: "httpbin.default.svc.cluster.local",
        destination_service_name: "httpbin",
        destination_service_namespace: "default",
        request_protocol: "http",
        connection_security_policy: "mutual_tls",
      },
      responseCode: 200,
      count: 2,
      requestBytes: 2,
      responseBytes: 4,
    },
  ]);
  expect(shapes).toMatchObject([{ path: "/users/{id}", destinationPort: 8000, decision: "allowed", count: 2 }]);
  expect(access[0]).toMatchObject({
    sourcePod: "default/sleep-1",
    destinationPod: "default/httpbin-1",
    host: "httpbin:8000",
    protocol: "HTTP/1.1",
    attempts: 1,
  });
  expect(denials).toEqual([]);
});

test("gRPC has its own label, status and messages", () => {
  const grpc = outcome({
    request: { ...request, grpc: true },
    grpcStatus: 14,
    requestMessages: 2,
    responseMessages: 3,
  });
  expect(recorded("waypoint", grpc).requests).toMatchObject([
    { labels: { request_protocol: "grpc" }, grpcStatus: 14, requestMessages: 2, responseMessages: 3 },
  ]);
});

test("a caller whose pod is not known keeps its proven identity", () => {
  const { requests } = recorded("waypoint", outcome({ peer: { ...caller, workload: undefined } }));
  expect(requests[0]?.labels).toMatchObject({
    source_workload: "unknown",
    source_workload_namespace: "default",
    source_principal: "spiffe://cluster.local/ns/default/sa/sleep",
  });
});

test.each([
  ["denied-by-policy", 403],
  ["no-allow-policy-matched", 403],
  ["unknown-policy", 403],
  ["token-invalid", 401],
  ["refused-by-authorizer", 403],
  ["authorizer-unavailable", 403],
  ["rate-limited", 429],
] as const)("a refusal because of %s says so with policy, rule, attribute, method, path and host", (reason, status) => {
  const refusal: Refusal = { reason, policy: "default/p", rule: 2, attribute: "path", evaluated: ["default/p"] };
  const refused = outcome({ status, plan: replyPlan({ refusal }), endpoint: undefined, attempts: 0 });
  const { denials, shapes } = recorded("waypoint", refused, refused);
  expect(denials).toMatchObject([
    {
      hop: "waypoint",
      node: "node-a",
      reason,
      policy: "default/p",
      rule: 2,
      attribute: "path",
      evaluated: ["default/p"],
      destinationPort: 8000,
      method: "GET",
      path: "/users/1234567",
      host: "httpbin:8000",
      answer: status,
      sourceIp: "127.16.1.12",
      sourcePod: "default/sleep-1",
      count: 2,
    },
  ]);
  expect(shapes[0]?.decision).toBe("denied");
});

test("a dry-run policy that disagrees is counted apart from what was enforced", () => {
  const shadow: Decision = {
    allowed: false,
    reason: "denied-by-policy",
    policy: "default/dry",
    rule: 1,
    attribute: "request.method",
    evaluated: [],
  };
  const { shadows, denials } = recorded("waypoint", outcome({ plan: forwardPlan({ shadow }) }), outcome());
  expect(shadows).toMatchObject([
    { policy: "default/dry", rule: 1, attribute: "request.method", wouldBe: "denied", path: "/users/{id}", count: 1 },
  ]);
  expect(denials).toEqual([]);
});

test("a gateway counts the call to it and the call from it", () => {
  const outside = { ...caller, principal: undefined, workload: undefined };
  const { requests } = recorded("gateway", outcome({ peer: outside, plan: forwardPlan({ service: "" }) }));
  expect(requests.map(({ labels }) => labels)).toMatchObject([
    {
      reporter: "destination",
      source_workload: "unknown",
      destination_service: "ingress-istio.istio-ingress.svc.cluster.local",
      connection_security_policy: "none",
    },
    {
      reporter: "source",
      source_workload: "ingress-istio",
      source_principal: "spiffe://cluster.local/ns/istio-ingress/sa/ingress-istio",
      destination_workload: "httpbin",
      destination_service: "httpbin.default.svc.cluster.local",
      connection_security_policy: "mutual_tls",
    },
  ]);
});

test("a refusal by a gateway counts at the gateway, and nowhere behind it", () => {
  const refusal: Refusal = {
    reason: "no-allow-policy-matched",
    policy: "a/b",
    rule: -1,
    attribute: "none",
    evaluated: [],
  };
  const { requests, denials } = recorded(
    "gateway",
    outcome({ status: 403, plan: replyPlan({ refusal, service: "" }), endpoint: undefined }),
  );
  expect(requests.map(({ labels }) => labels.reporter)).toEqual(["destination"]);
  expect(denials).toMatchObject([{ hop: "gateway", destinationPod: "istio-ingress/ingress-istio-1" }]);
});

test("a refusal by the destination's agent marks the edge to it as denied", () => {
  const { shapes } = recorded("gateway", outcome({ status: 503, flag: "DENY" }));
  expect(shapes.map(({ decision }) => decision)).toEqual(["allowed", "denied"]);
});

test("without an endpoint the service alone is known", () => {
  const { requests } = recorded("waypoint", outcome({ status: 503, flag: "UH", endpoint: undefined }));
  expect(requests[0]?.labels).toMatchObject({ destination_workload: "unknown", destination_service_name: "httpbin" });
});

test("what a client sends cannot break the contract", () => {
  const long = { ...request, method: "M".repeat(5_000), authority: "h".repeat(5_000), target: `/${"p".repeat(9_000)}` };
  recorded(
    "waypoint",
    outcome({ request: long, plan: forwardPlan({ path: long.target }) }),
    outcome({ request: undefined, plan: undefined, status: 400 }),
  );
});

test("connections that are carried as bytes count as TCP, refusals with their reason", () => {
  const { proxy, take } = rig();
  const news: TunnelOutcome = {
    phase: "opened",
    peer: caller,
    target: "t",
    service,
    port: 5432,
    endpoint,
    flag: "-",
    sentBytes: 0,
    receivedBytes: 0,
    refusal: undefined,
  };
  proxy.tunnel(news);
  proxy.tunnel({ ...news, phase: "progress", sentBytes: 10, receivedBytes: 20 });
  proxy.tunnel({ ...news, phase: "closed", sentBytes: 1, receivedBytes: 2 });
  const refusal: Refusal = {
    reason: "denied-by-policy",
    policy: "default/p",
    rule: 0,
    attribute: "port",
    evaluated: [],
  };
  proxy.tunnel({ ...news, phase: "refused", endpoint: undefined, flag: "DENY", refusal });
  const { connections, denials } = take();
  expect(connections).toMatchObject([
    {
      labels: { request_protocol: "tcp", reporter: "waypoint" },
      opened: 1,
      closed: 1,
      sentBytes: 11,
      receivedBytes: 22,
    },
    { responseFlags: "DENY", opened: 1, closed: 1 },
  ]);
  expect(denials).toMatchObject([{ reason: "denied-by-policy", destinationPort: 5432, method: "", answer: 0 }]);
});

test("a caller without a valid certificate is a refusal with its reason", () => {
  const { proxy, take } = rig();
  proxy.handshakeRefused("certificate-expired", "127.16.1.99");
  expect(take().denials).toMatchObject([
    { reason: "certificate-expired", hop: "waypoint", sourceIp: "127.16.1.99", destinationPod: "default/waypoint-1" },
  ]);
});

test("clusters tell what changed since the last push, and once more when a pod is back", () => {
  const { proxy, state, take } = rig();
  expect(take().clusters).toEqual([]);
  const plan = forwardPlan({ delayMs: 5, mirrors: [cluster] });
  proxy.exchange(outcome({ plan }));
  proxy.copy({ phase: "sent", plan, cluster });
  proxy.copy({ phase: "not-sent", plan, cluster });
  proxy.exchange(outcome({ status: 429, flag: "RL", plan: replyPlan(), endpoint: undefined }));
  const out = { endpoint, untilMs: 2_000_000_000_000, reason: "consecutive-5xx" };
  state.snapshots = [{ ...snapshot, retries: 5, retriesSucceeded: 3, ejections: 1, ejected: [out] }];
  expect(take().clusters).toMatchObject([
    {
      cluster: `${service}|8000|`,
      service: "httpbin.default.svc.cluster.local",
      serviceNamespace: "default",
      retries: 5,
      retriesSucceeded: 3,
      ejections: 1,
      rateLimited: 1,
      faultsInjected: 1,
      mirrored: 1,
      notMirrored: 1,
      copiesOf: [{ serviceNamespace: "default", service: "httpbin.default.svc.cluster.local", count: 1 }],
      ejected: [{ pod: "default/httpbin-1", reason: "consecutive-5xx" }],
    },
  ]);
  expect(take().clusters).toMatchObject([{ retries: 0, rateLimited: 0, ejected: [{ pod: "default/httpbin-1" }] }]);
  state.snapshots = [{ ...snapshot, retries: 5, retriesSucceeded: 3, ejections: 1 }];
  expect(take().clusters).toMatchObject([{ retries: 0, ejected: [] }]);
  expect(take().clusters).toEqual([]);
});

test("a copy counts for the service whose request it is, once, and on no edge", () => {
  const { proxy, counters, take } = rig();
  const other = { ...cluster, key: "default/shadow.default.svc.cluster.local|80|" };
  const plan = forwardPlan({ mirrors: [other] });
  const ended = { phase: "ended", status: 200, grpcStatus: -1, flag: "-", durationMs: 7 } as const;
  for (const status of [200, 500]) {
    proxy.exchange(outcome({ plan }));
    proxy.copy({ phase: "sent", plan, cluster: other });
    proxy.copy({ plan, cluster: other, ...ended, status });
  }
  const copiesOf = [{ serviceNamespace: "default", service: "httpbin.default.svc.cluster.local", count: 2 }];
  const { clusters, requests, copies, shapes, access } = take();
  const to = { serviceNamespace: "default", service: "shadow.default.svc.cluster.local" };
  expect(copies).toMatchObject([
    { of: { service: "httpbin.default.svc.cluster.local" }, to, responseCode: 200, count: 1, durationSumMs: 7 },
    { to, responseCode: 500, count: 1 },
  ]);
  expect([shapes.map(({ count }) => count), access.length]).toEqual([[2], 2]);
  expect(clusters).toMatchObject([{ service: "shadow.default.svc.cluster.local", mirrored: 2, copiesOf }]);
  expect(requests.map(({ labels, count }) => [labels.destination_service_name, count])).toEqual([["httpbin", 2]]);
  expect(take().clusters).toEqual([]);
  // Another thread of the same proxy told of its own.
  counters.absorb(clusters);
  expect(take().clusters).toMatchObject([{ mirrored: 2, copiesOf }]);
});

test("a sampled request is a server span under the caller's, and a client span under ours", () => {
  const tracing = { enabled: true, sampling: 1 };
  const { proxy, take } = rig("waypoint", { tracing });
  const trace = { traceId: "c".repeat(32), parentSpanId: "d".repeat(16), spanId: "e".repeat(16), sampled: true };
  proxy.exchange(outcome({ request: { ...request, trace }, attempts: 2, status: 503 }));
  proxy.exchange(outcome());
  const { spans } = take();
  expect(spans).toMatchObject([
    {
      traceId: trace.traceId,
      spanId: trace.spanId,
      parentSpanId: trace.parentSpanId,
      kind: "server",
      startUnixMs: 1_700_000_000_000,
      endUnixMs: 1_700_000_000_003,
      failed: true,
      attributes: { "http.request.method": "GET", "http.response.status_code": "503" },
    },
    {
      traceId: trace.traceId,
      parentSpanId: trace.spanId,
      kind: "client",
      attributes: { "http.request.resend_count": "1", "k8s.pod.name": "httpbin-1" },
    },
  ]);
});

test("the access log writes what a Telemetry resource asks for, by service and status", () => {
  const off = { accessLog: { enabled: false, minStatus: 0 }, tracing: { enabled: false, sampling: 0 } };
  const { proxy, state } = rig("waypoint", {
    ...off,
    byService: [{ service, ...off, accessLog: { enabled: true, minStatus: 500 } }],
  });
  proxy.exchange(outcome());
  proxy.exchange(outcome({ plan: forwardPlan({ service: "default/other.default.svc.cluster.local" }), status: 503 }));
  expect(state.lines).toEqual([]);
  proxy.exchange(outcome({ status: 503, flag: "UF" }));
  expect(state.lines).toHaveLength(1);
});

test("what an AUDIT policy matched is counted by policy, logged where logs are off, and named in its span", () => {
  const { proxy, state, audits, take } = rig("waypoint", { tracing: { enabled: true, sampling: 1 } });
  const traced = { ...request, trace: { ...request.trace, sampled: true } };
  const audited = ["default/everything", "default/writes"];
  proxy.exchange(outcome({ plan: forwardPlan({ audited }), request: traced }));
  proxy.exchange(outcome({ plan: forwardPlan({ audited: ["default/everything"] }) }));
  proxy.exchange(outcome());
  expect([...audits.totals]).toEqual([
    ["default/everything", 2],
    ["default/writes", 1],
  ]);
  expect(state.lines).toHaveLength(2);
  expect(state.lines[0]).toMatch(/ "audited by default\/everything,default\/writes"\n$/);
  expect(take().spans[0]?.attributes).toMatchObject({ "istio.audit_policies": "default/everything,default/writes" });
  const elsewhere = new Audits();
  elsewhere.absorb(audits.take());
  elsewhere.absorb(audits.take());
  expect(elsewhere.totals).toEqual(audits.totals);
});
