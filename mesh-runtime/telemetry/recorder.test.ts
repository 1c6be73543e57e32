import { mkdtemp, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeLogs, decodeMetrics, decodeTraces, encodeLogs, encodeMetrics, encodeTraces } from "../api/otlp.ts";
import { fromAnyValue, toAnyValue } from "../api/otlp-value.ts";
import { pathTemplate } from "../api/path-template.ts";
import { type EdgeLabels, type ProxyStatus, type TelemetryBatch, telemetryBatch } from "../api/telemetry.ts";
import { createLog } from "../common/log.ts";
import { prometheusText } from "./prometheus-text.ts";
import { startPusher } from "./pusher.ts";
import { Recorder } from "./recorder.ts";

const labels = (over: Partial<EdgeLabels> = {}): EdgeLabels => ({
  reporter: "source",
  source_workload: "web-api",
  source_workload_namespace: "web-api",
  source_principal: "spiffe://cluster.local/ns/web-api/sa/web-api",
  source_app: "web-api",
  source_version: "v1",
  source_cluster: "Kubernetes",
  source_canonical_service: "web-api",
  source_canonical_revision: "v1",
  destination_workload: "recommendation",
  destination_workload_namespace: "recommendation",
  destination_principal: "spiffe://cluster.local/ns/recommendation/sa/recommendation",
  destination_app: "recommendation",
  destination_version: "v1",
  destination_service: "recommendation.recommendation.svc.cluster.local",
  destination_service_name: "recommendation",
  destination_service_namespace: "recommendation",
  destination_cluster: "Kubernetes",
  destination_canonical_service: "recommendation",
  destination_canonical_revision: "v1",
  request_protocol: "http",
  connection_security_policy: "mutual_tls",
  ...over,
});

const status = (): ProxyStatus => ({
  timeUnixMs: 1,
  proxy: "ztunnel~node-a",
  kind: "agent",
  node: "node-a",
  version: "0",
  startedUnixMs: 0,
  xdsConnected: true,
  lastAppliedUnixMs: 0,
  resources: { workloads: 1, services: 1, authorizations: 0, proxyConfigs: 0 },
  rejected: [],
  certificates: [],
  openConnections: 0,
  residentBytes: 0,
});

const recorder = (): Recorder =>
  new Recorder({ proxy: "ztunnel~node-a", node: "node-a", status, sampling: 1, clusters: () => [cluster] });

const outcome = {
  method: "GET",
  path: "/users/42?x=1",
  destinationPort: 8080,
  responseCode: 200,
  responseFlags: "-",
  decision: "allowed",
  durationMs: 7,
  requestBytes: 100,
  responseBytes: 900,
} as const;

const fill = (target: Recorder): void => {
  const edge = target.edge(labels());
  edge.request(outcome);
  edge.request({ ...outcome, responseCode: 503, responseFlags: "UF", decision: "denied" });
  edge.connectionOpened(8080);
  edge.bytes(10, 20);
  target.denied({
    labels: labels({ reporter: "destination" }),
    hop: "agent",
    node: "node-b",
    reason: "no-allow-policy-matched",
    policy: "web-api/deny-all",
    rule: -1,
    attribute: "none",
    evaluated: ["web-api/deny-all"],
    destinationPort: 8080,
    method: "",
    path: "",
    host: "",
    answer: 0,
    sourceIp: "127.1.1.1",
    sourcePod: "sleep-1",
    destinationPod: "web-api-1",
  });
  target.access({
    timeUnixMs: 5,
    labels: labels(),
    method: "GET",
    path: "/",
    responseCode: 200,
    responseFlags: "-",
    durationMs: 1.5,
    requestBytes: 0,
    responseBytes: 0,
    sourcePod: "",
    destinationPod: "",
    traceId: "",
    host: "web-api",
    protocol: "HTTP/1.1",
    route: "",
    attempts: 1,
    grpcStatus: -1,
  });
  target.shadow({
    labels: labels({ reporter: "waypoint" }),
    policy: "web-api/dry-run",
    rule: 0,
    attribute: "path",
    wouldBe: "denied",
    method: "GET",
    path: "/users/{id}",
  });
};

const cluster = {
  timeUnixMs: 6,
  cluster: "web-api/web-api.web-api.svc.cluster.local|8080|",
  service: "web-api.web-api.svc.cluster.local",
  serviceNamespace: "web-api",
  retries: 3,
  retriesSucceeded: 2,
  retriesForbidden: 1,
  timeouts: 0,
  overflows: 0,
  rateLimited: 4,
  faultsInjected: 0,
  mirrored: 0,
  ejections: 1,
  ejected: [{ pod: "web-api/web-api-1", untilUnixMs: 9, reason: "consecutive-5xx" }],
  endpoints: 2,
  activeRequests: 0,
};

describe("Recorder", () => {
  test("hands every count over exactly once", () => {
    const target = recorder();
    fill(target);
    const first = target.take();
    expect(telemetryBatch.parse(first)).toEqual(first);
    expect(first.requests.map(({ responseCode, count }) => [responseCode, count])).toEqual([
      [200, 1],
      [503, 1],
    ]);
    expect(first.denials[0]?.count).toBe(1);
    const second = target.take();
    expect([second.requests, second.connections, second.denials, second.shapes, second.access]).toEqual([
      [],
      [],
      [],
      [],
      [],
    ]);
    target.edge(labels()).request(outcome);
    expect(target.take().requests).toMatchObject([{ count: 1, durationSumMs: 7 }]);
  });

  test("counts alike refusals exactly, in one record", () => {
    const target = recorder();
    for (let i = 0; i < 1000; i++) {
      fill(target);
    }
    const { denials } = target.take();
    expect(denials).toHaveLength(1);
    expect(denials[0]?.count).toBe(1000);
  });

  test("keeps the number of shapes bounded when a caller makes up paths, and loses no count", () => {
    const target = recorder();
    const edge = target.edge(labels());
    for (let i = 0; i < 5_000; i++) {
      edge.request({ ...outcome, path: `/made-up-${"x".repeat(i % 40)}-${String.fromCharCode(97 + (i % 26))}${i}` });
    }
    const { shapes, requests } = target.take();
    expect(shapes.length).toBeLessThanOrEqual(400);
    expect(shapes.reduce((sum, { count }) => sum + count, 0)).toBe(5_000);
    expect(requests[0]?.count).toBe(5_000);
  });
});

test.each([
  ["/", "/"],
  ["/headers?a=b", "/headers"],
  ["/users/42", "/users/{id}"],
  ["/o/9f8b2c1d4e5f", "/o/{id}"],
  ["/o/123e4567-e89b-12d3-a456-426614174000/x", "/o/{id}/x"],
  ["/recommendation", "/recommendation"],
  ["/a/b/c/d/e/f/g/h/i/j", "/a/b/c/d/e/f/g/h/…"],
])("the shape of %s is %s", (path, shape) => {
  expect(pathTemplate(path)).toBe(shape);
});

describe("OTLP", () => {
  test("what is decoded is what was encoded", () => {
    const target = recorder();
    fill(target);
    target.edge(labels({ request_protocol: "grpc" })).request({
      ...outcome,
      grpcStatus: 14,
      requestMessages: 2,
      responseMessages: 3,
    });
    target.span({
      traceId: "a".repeat(32),
      spanId: "b".repeat(16),
      parentSpanId: "",
      name: "web-api:8080/*",
      kind: "server",
      startUnixMs: 1_700_000_000_000.25,
      endUnixMs: 1_700_000_000_001.5,
      failed: true,
      attributes: { "http.request.method": "GET" },
    });
    const batch = target.take();
    const traces = decodeTraces(JSON.parse(JSON.stringify(encodeTraces(batch))));
    expect(traces[0]?.spans).toEqual(batch.spans);
    const metrics = decodeMetrics(JSON.parse(JSON.stringify(encodeMetrics(batch, 1234))));
    const logs = decodeLogs(JSON.parse(JSON.stringify(encodeLogs(batch, 1234))));
    const decoded: TelemetryBatch = { ...(logs[0] as TelemetryBatch), requests: [], connections: [] };
    expect({
      ...decoded,
      spans: batch.spans,
      requests: metrics[0]?.requests,
      connections: metrics[0]?.connections,
    }).toEqual(batch);
  });

  test("any JSON value survives AnyValue", () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ noUnicodeString: false } as never).filter((value) => !JSON.stringify(value).includes("null")),
        (value) => {
          // JSON has no negative zero.
          expect(fromAnyValue(toAnyValue(value))).toEqual(JSON.parse(JSON.stringify(value)));
        },
      ),
    );
  });

  test("a body that is no telemetry is refused, never thrown through", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(() => decodeMetrics(value)).toThrow(expect.objectContaining({ code: "invalid-telemetry" }) as Error);
      }),
    );
  });
});

test("the Prometheus page has Istio's names, labels and cumulative buckets", () => {
  const target = recorder();
  fill(target);
  target.take();
  const text = prometheusText(target.edges.values(), { component: "ztunnel", version: "0.1.0" });
  expect(text).toContain("# TYPE istio_requests_total counter\n");
  expect(text).toMatch(
    /istio_requests_total\{reporter="source",source_workload="web-api",.*response_code="503",response_flags="UF"\} 1\n/,
  );
  expect(text).toMatch(/istio_request_duration_milliseconds_bucket\{.*response_code="200".*le="5"\} 0\n/);
  expect(text).toMatch(/istio_request_duration_milliseconds_bucket\{.*response_code="200".*le="10"\} 1\n/);
  expect(text).toMatch(/istio_tcp_sent_bytes_total\{.*\} 10\n/);
});

test("a push that failed is repeated under the same batch name, and counts are not lost", async () => {
  const target = recorder();
  const seen: { path: string; batch: string; count: number }[] = [];
  let failures = 2;
  const delivered = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
      if (request.url === "/v1/metrics") {
        const [batch] = decodeMetrics(body);
        seen.push({ path: request.url, batch: batch?.batch ?? "", count: batch?.requests[0]?.count ?? 0 });
      }
      const fail = failures-- > 0;
      response.writeHead(fail ? 503 : 200).end();
      if (!fail && request.url === "/v1/logs" && seen.some(({ count }) => count === 3)) {
        delivered.resolve();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const directory = await mkdtemp(join(tmpdir(), "pusher-"));
  const tokenFile = join(directory, "token");
  await writeFile(tokenFile, "secret\n", { mode: 0o600 });
  for (let i = 0; i < 3; i++) {
    target.edge(labels()).request({ ...outcome });
  }
  const pusher = startPusher({
    endpoint: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`,
    tokenFile,
    recorder: target,
    log: createLog("test"),
    intervalMs: 10,
  });
  await delivered.promise;
  await pusher.close();
  server.close();
  const withCounts = seen.filter(({ count }) => count > 0);
  expect(new Set(withCounts.map(({ batch }) => batch)).size).toBe(1);
  expect(withCounts.length).toBe(3);
});
