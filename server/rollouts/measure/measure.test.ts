import { describe, expect, it } from "vitest";
import { decodeLogs, encodeLogs } from "@/mesh-runtime/api/otlp.ts";
import type { CopyDelta, ResponseFlag, TelemetryBatch } from "@/mesh-runtime/api/telemetry.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { TelemetryMemory } from "@/server/telemetry/memory.ts";
import { requestKey } from "@/server/telemetry/records.ts";
import { labels, requests } from "@/server/telemetry/sample.suite.ts";
import { noCounts } from "../analysis/counts.ts";
import { Measures } from "./measures.ts";
import { seriesOf } from "./series.ts";

const service = { namespace: "purchase-history", name: "purchase-history" };
const nowMs = 1_800_000_000_000;

function report(
  memory: TelemetryMemory,
  version: string,
  count: number,
  more: { code?: number; flag?: ResponseFlag; atMs?: number; reporter?: "waypoint" | "source"; service?: string } = {},
): void {
  const { code = 200, flag = "-", atMs = nowMs, reporter = "waypoint", service: name = service.name } = more;
  const identity = {
    labels: {
      ...labels("web-api/web-api", `purchase-history/purchase-history-${version}`),
      reporter,
      destination_service_name: name,
    },
    responseCode: code,
    responseFlags: flag,
  };
  memory.requests.record(requestKey(identity), () => identity, requests(count), atMs);
}

const waypoint = { namespace: "purchase-history", name: "waypoint" };
const empty = { services: [{ ...service, pods: [], waypoint }], gateways: [] } as unknown as Inventory;
const measures = (memory: TelemetryMemory, inventory = empty) => new Measures(memory, { current: inventory });
const interval = (memory: TelemetryMemory, fromMs = nowMs - 30_000, toMs = nowMs + 1_000) =>
  measures(memory).interval(service, "v1", "v2", fromMs, toMs);

describe("figures of versions", () => {
  it("are those of the service's waypoint alone, each version for itself", () => {
    const memory = new TelemetryMemory();
    report(memory, "v1", 90);
    report(memory, "v2", 10);
    report(memory, "v2", 7, { reporter: "source" });
    report(memory, "v3", 5);
    report(memory, "v2", 4, { service: "purchase-history-v2" });
    const { stable, canary } = interval(memory);
    expect([stable.requests, canary.requests, stable.errors, canary.errors]).toEqual([90, 10, 0, 0]);
    expect(canary.buckets[4]).toBe(10);
  });

  it("are those of the callers' proxies while there is no waypoint", () => {
    const memory = new TelemetryMemory();
    report(memory, "v1", 5, { reporter: "source" });
    const inventory = { services: [{ ...service, pods: [], waypoint: undefined }], gateways: [] };
    const { stable } = measures(memory, inventory as unknown as Inventory).interval(
      service,
      "v1",
      "v2",
      0,
      nowMs + 1_000,
    );
    expect(stable.requests).toBe(5);
  });

  it("count 5xx and missing answers as errors, 4xx not", () => {
    const memory = new TelemetryMemory();
    report(memory, "v2", 3, { code: 500 });
    report(memory, "v2", 2, { code: 0, flag: "UC" });
    report(memory, "v2", 4, { code: 404 });
    const { canary } = interval(memory);
    expect([canary.requests, canary.errors]).toEqual([9, 5]);
  });

  it.each([
    [0, 0],
    [5, 0],
    [7, 0],
    [2, 4],
    [14, 4],
  ])("take gRPC by its own status: %i makes %i of 4 errors", (grpcStatus, errors) => {
    const memory = new TelemetryMemory();
    const { request_protocol: _, ...rest } = labels("web-api/web-api", "purchase-history/purchase-history-v2");
    const identity = {
      labels: { ...rest, reporter: "waypoint" as const, request_protocol: "grpc" as const },
      responseCode: 200,
      responseFlags: "-" as const,
      grpcStatus,
    };
    memory.requests.record(requestKey(identity), () => identity, requests(4), nowMs);
    expect(interval(memory).canary).toMatchObject({ requests: 4, errors });
  });

  it.each(["DENY", "RBAC_ACCESS_DENIED", "UAEX", "RL", "DC", "FI"] as const)("leave out what ended with %s", (flag) => {
    const memory = new TelemetryMemory();
    report(memory, "v2", 6, { code: flag === "RL" ? 429 : 503, flag });
    expect(interval(memory).canary.requests).toBe(0);
  });

  it("are those of the asked time only", () => {
    const memory = new TelemetryMemory();
    report(memory, "v1", 1, { atMs: nowMs - 31_000 });
    report(memory, "v1", 2, { atMs: nowMs - 30_000 });
    report(memory, "v1", 4, { atMs: nowMs });
    expect(interval(memory, nowMs - 30_000, nowMs).stable.requests).toBe(2);
  });
});

describe("copies of calls", () => {
  const host = (name: string) => ({
    service: `${name}.purchase-history.svc.cluster.local`,
    serviceNamespace: "purchase-history",
  });
  const { buckets } = requests(1);
  const copy = (more: Partial<CopyDelta> = {}): CopyDelta => ({
    ...{ of: host("purchase-history"), to: host("purchase-history-v2"), responseCode: 200, responseFlags: "-" },
    ...{ count: 5, durationSumMs: 35, durationBuckets: buckets.map((count) => 5 * count) },
    ...more,
  });

  /** As a waypoint pushes them. */
  function pushed(...copies: readonly CopyDelta[]): TelemetryMemory {
    const memory = new TelemetryMemory();
    const push: TelemetryBatch = {
      ...{ proxy: "waypoint-a.purchase-history", node: "n", batch: "1", copies: [...copies] },
      ...{ requests: [], connections: [], denials: [], shapes: [], access: [], secured: [] },
      ...{ clusters: [], shadows: [], names: [], spans: [], status: [] },
    };
    for (const batch of decodeLogs(encodeLogs(push, nowMs))) {
      memory.take("logs", batch, nowMs, nowMs);
    }
    return memory;
  }

  it("are the canary's, apart from its calls, with the failed among them", () => {
    const memory = pushed(
      copy(),
      copy({ responseCode: 500, count: 2 }),
      copy({ responseCode: 0, responseFlags: "UC", count: 1 }),
      copy({ grpcStatus: 13, count: 3 }),
    );
    report(memory, "v1", 20);
    const { stable, canary, copies } = interval(memory);
    expect([stable.requests, canary.requests]).toEqual([20, 0]);
    expect(copies).toMatchObject({ requests: 11, errors: 6 });
    expect(measures(memory).counts(service, "v2", nowMs - 30_000, nowMs + 1_000).requests).toBe(0);
  });

  it.each([
    ["of another service's calls", { of: host("web-api") }],
    ["to another service", { to: host("shadow") }],
    ["refused by a policy", { responseCode: 0, responseFlags: "DENY" }],
    ["beyond a limit", { responseCode: 0, responseFlags: "UO" }],
    ["whose answer streamed on", { responseFlags: "DC" }],
  ] as const)("%s are left out", (_what, more) => {
    expect(interval(pushed(copy(more)))).not.toHaveProperty("copies");
  });
});

describe("how fresh figures are", () => {
  const pod = (name: string, ready = true) => ({ namespace: "purchase-history", name, ready });
  const inventory = (pods: readonly object[]) =>
    ({
      gateways: [{ namespace: "purchase-history", name: "waypoint", service: "waypoint" }],
      services: [
        { ...service, pods: [], waypoint: { namespace: "purchase-history", name: "waypoint" } },
        { namespace: "purchase-history", name: "waypoint", pods },
      ],
    }) as unknown as Inventory;
  const memoryWith = (seen: Readonly<Record<string, number>>) =>
    ({
      requests: new TelemetryMemory().requests,
      proxies: new Map(Object.entries(seen).map(([proxy, seenUnixMs]) => [proxy, { seenUnixMs }])),
    }) as unknown as TelemetryMemory;

  it("the waypoint that was silent longest decides", () => {
    const memory = memoryWith({ "waypoint-a.purchase-history": 50, "waypoint-b.purchase-history": 20 });
    expect(measures(memory, inventory([pod("waypoint-a"), pod("waypoint-b")])).freshUnixMs(service)).toBe(20);
  });

  it("one that never reported makes them unknown, one that is not ready does not", () => {
    const memory = memoryWith({ "waypoint-a.purchase-history": 50 });
    expect(measures(memory, inventory([pod("waypoint-a"), pod("waypoint-b")])).freshUnixMs(service)).toBeNull();
    expect(measures(memory, inventory([pod("waypoint-a"), pod("waypoint-b", false)])).freshUnixMs(service)).toBe(50);
  });

  it("without a waypoint there are none", () => {
    expect(
      measures(memoryWith({}), { services: [], gateways: [] } as unknown as Inventory).freshUnixMs(service),
    ).toBeNull();
  });
});

describe("series", () => {
  const versions = [
    { version: "v1", role: "stable" },
    { version: "v2", role: "canary" },
  ] as const;

  it("have a point a step, with rates, and gaps where there is nothing to measure", () => {
    const memory = new TelemetryMemory();
    report(memory, "v1", 20, { atMs: nowMs - 5_000 });
    report(memory, "v2", 10, { atMs: nowMs - 5_000, code: 500 });
    const { stepSeconds, versions: drawn } = seriesOf(memory, service, versions, 60, nowMs);
    expect(stepSeconds).toBe(5);
    expect(drawn.map(({ rps }) => rps.at(-1))).toEqual([4, 2]);
    expect(drawn.map(({ success }) => success.at(-1))).toEqual([100, 0]);
    expect(drawn[1]?.rps.at(-2)).toBe(0);
    expect(drawn[1]?.p95Ms.at(-2)).toBeNull();
    expect(drawn[0]?.p95Ms).toHaveLength(12);
  });

  it("what nobody remembers any more is a gap, not zero requests", () => {
    const memory = new TelemetryMemory();
    const { versions: drawn } = seriesOf(memory, service, versions, 60, nowMs, "waypoint", nowMs - 30_000);
    expect(drawn[0]?.rps).toEqual([...Array.from({ length: 6 }, () => null), ...Array.from({ length: 6 }, () => 0)]);
  });

  it("what nobody remembers is what the analysis wrote down, each point as its interval", () => {
    const counted = (requests: number, errors: number) => ({ ...noCounts, requests, errors });
    const at = (fromMs: number, toMs: number, canary: number, errors = 0) => ({
      ...{ fromUnixMs: nowMs - fromMs, toUnixMs: nowMs - toMs },
      stable: counted(90, 0),
      canary: counted(canary, errors),
    });
    const memory = new TelemetryMemory();
    report(memory, "v2", 50, { atMs: nowMs - 2_000 });
    // Ten seconds long, then a gap, then two that share a point, then what is remembered.
    const stored = [at(50_000, 40_000, 20, 5), at(35_000, 32_000, 6), at(32_000, 30_000, 4, 4)];
    const { versions: drawn, storedUntilUnixMs } = seriesOf(
      memory,
      service,
      versions,
      60,
      nowMs,
      "waypoint",
      nowMs - 30_000,
      stored,
    );
    expect(drawn[1]?.rps).toEqual([null, null, 2, 2, null, 2, 0, 0, 0, 0, 0, 10]);
    expect(drawn[1]?.success.slice(0, 6)).toEqual([null, null, 75, 75, null, 60]);
    expect(storedUntilUnixMs).toBe(nowMs - 30_000);
    expect(seriesOf(memory, service, versions, 60, nowMs).storedUntilUnixMs).toBeNull();
  });

  it("a day has no more points than an hour", () => {
    const { stepSeconds, versions: drawn } = seriesOf(new TelemetryMemory(), service, versions, 86_400, nowMs);
    expect([stepSeconds, drawn[0]?.rps.length]).toEqual([720, 120]);
  });

  it("the newest point is a whole one", () => {
    const memory = new TelemetryMemory();
    report(memory, "v1", 20, { atMs: nowMs + 2_000 });
    const { endUnixMs, versions: drawn } = seriesOf(memory, service, versions, 60, nowMs + 3_000);
    expect(endUnixMs).toBe(nowMs);
    expect(drawn[0]?.rps.at(-1)).toBe(0);
  });
});
