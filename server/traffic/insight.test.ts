import { describe, expect, test } from "vitest";
import type { SeenName } from "@/mesh-runtime/api/seen-name.ts";
import type { AccessRecord, EdgeLabels } from "@/mesh-runtime/api/telemetry.ts";
import { seenTrafficOf } from "@/server/golden-path-pages/seen-options.ts";
import { sampleInventory } from "@/server/inventory/sample.suite.ts";
import { TelemetryMemory } from "@/server/telemetry/memory.ts";
import { nameKey, requestKey, shapeKey } from "@/server/telemetry/records.ts";
import { labels, requests } from "@/server/telemetry/sample.suite.ts";
import { insightOf } from "./insight.ts";
import { namesOf, namesOfService } from "./seen-names.ts";

const now = 10_000_000;
const httpbin = { namespace: "default", name: "httpbin" };
const toHttpbin = labels("default/sleep", "default/httpbin", { reporter: "waypoint" });

function memory(): TelemetryMemory {
  const made = new TelemetryMemory();
  const count = (of: EdgeLabels, number: number, responseFlags: "-" | "RBAC_ACCESS_DENIED" = "-"): void => {
    const identity = { labels: of, responseCode: 200, responseFlags };
    made.requests.record(requestKey(identity), () => identity, requests(number), now - 60_000);
  };
  const shape = (method: string, path: string, responseCode: number, number: number, of = toHttpbin): void => {
    const identity = { labels: of, destinationPort: 8000, method, path, responseCode, decision: "allowed" as const };
    made.shapes.record(shapeKey(identity), () => identity, { count: number, lastUnixMs: now - 60_000 }, now - 60_000);
  };
  count(toHttpbin, 100);
  count(toHttpbin, 50, "RBAC_ACCESS_DENIED");
  // The caller's agent tells of the same requests, up to the waypoint's pod.
  count(labels("default/sleep", "default/waypoint", { service: "httpbin" }), 100);
  shape("GET", "/users/{id}", 200, 90);
  shape("GET", "/users/{id}", 503, 6);
  shape("POST", "/users", 201, 4);
  shape("GET", "/users/{id}", 200, 96, labels("default/sleep", "default/waypoint", { service: "httpbin" }));
  return made;
}
const inventory = sampleInventory({ enrolled: ["default"], waypoint: "default" });

describe("insight", () => {
  test("paths are counted once though two proxies tell of them, with errors; most frequent first", () => {
    expect(insightOf(memory(), inventory, now).paths(httpbin)).toMatchObject([
      { method: "GET", path: "/users/{id}", requests: 96, errors: 6 },
      { method: "POST", path: "/users", requests: 4, errors: 0 },
    ]);
  });

  test("calls count what was answered, not what was refused", () => {
    const { calls, seconds } = insightOf(memory(), inventory, now);
    expect(calls).toMatchObject([{ from: { name: "sleep" }, to: httpbin, requests: 100 }]);
    expect(calls[0]?.requestsPerSecond).toBeCloseTo(100 / seconds);
  });

  test("a path's own samples say its p99, the service's durations where there are too few", () => {
    const made = memory();
    const sample = (path: string, durationMs: number): AccessRecord =>
      ({
        timeUnixMs: now - 1_000,
        labels: toHttpbin,
        method: "GET",
        path,
        responseCode: 200,
        responseFlags: "-",
        durationMs,
      }) as AccessRecord;
    const access = Array.from({ length: 30 }, (_, index) => sample(`/users/${index}`, 200 + index));
    made.take("logs", { ...emptyBatch, access }, now, now);
    const insight = insightOf(made, inventory, now);
    expect(insight.paths(httpbin).map(({ p99Ms }) => Math.round(p99Ms))).toEqual([229, 10]);
    expect(Math.round(insight.p99Ms(httpbin))).toBe(10);
  });

  test("nothing seen is nothing, not zero requests of something", () => {
    const insight = insightOf(new TelemetryMemory(), inventory, now);
    expect([insight.paths(httpbin), insight.p99Ms(httpbin), insight.calls]).toEqual([[], 0, []]);
  });

  test("names of headers and claims become requests by their share of those that were looked at", () => {
    const made = memory();
    const seen = (kind: SeenName["kind"], name: string, count: number): void => {
      const identity = { service: "httpbin", serviceNamespace: "default", kind, name };
      made.names.record(nameKey(identity), () => identity, { count }, now - 60_000);
    };
    seen("requests", "", 20);
    seen("header", "accept", 20);
    seen("header", "x-test-me", 5);
    seen("claim", "groups", 1);
    const names = namesOfService(namesOf(made, 0, now), httpbin);
    expect(seenTrafficOf(httpbin, insightOf(made, inventory, now), names)).toMatchObject({
      methods: [
        { name: "GET", requests: 96 },
        { name: "POST", requests: 4 },
      ],
      headers: [
        { name: "accept", requests: 100 },
        { name: "x-test-me", requests: 25 },
      ],
      claims: [{ name: "groups", requests: 5 }],
      issuers: [],
    });
  });
});

const emptyBatch = {
  proxy: "waypoint-1.default",
  node: "node-a",
  batch: "1-1",
  requests: [],
  connections: [],
  denials: [],
  shapes: [],
  access: [],
  secured: [],
  clusters: [],
  shadows: [],
  copies: [],
  names: [],
  spans: [],
  status: [],
};
