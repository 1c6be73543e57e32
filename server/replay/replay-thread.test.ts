import { Worker, type WorkerOptions } from "node:worker_threads";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Impact, impact } from "@/server/contracts/golden-paths.ts";
import { startTestDatabase, type TestDatabase } from "@/server/db/test-database.suite.ts";
import type { Rendered } from "@/server/golden-paths/resource.ts";
import type { ClusterObjects } from "@/server/inventory/cluster-objects.ts";
import { sampleInventory } from "@/server/inventory/sample.suite.ts";
import { createLog } from "@/server/log.ts";
import { TelemetryMemory } from "@/server/telemetry/memory.ts";
import { nameKey, shapeKey } from "@/server/telemetry/records.ts";
import { labels } from "@/server/telemetry/sample.suite.ts";
import type { AskedStep, Question } from "./messages.ts";
import { replayHere } from "./replay-here.suite.ts";
import { type ReplayLimits, ReplayThread } from "./replay-thread.ts";

const silent = { ...createLog("test"), info() {}, warn() {}, error() {} };
const threadFile = new URL("./worker.ts", import.meta.url);

let database: TestDatabase;
const open: ReplayThread[] = [];
beforeAll(async () => {
  database = await startTestDatabase();
}, 60_000);
afterEach(async () => {
  await Promise.all(open.splice(0).map((thread) => thread.close()));
});
afterAll(() => database.close(), 60_000);

/** A thread, and each worker that it was run by. */
function start(
  telemetry: TelemetryMemory,
  limits: Partial<ReplayLimits> = {},
  file: (nth: number) => URL = () => threadFile,
) {
  const workers: Worker[] = [];
  const spawn = (options: WorkerOptions): Worker => {
    const worker = new Worker(file(workers.length), options);
    workers.push(worker);
    return worker;
  };
  const thread = new ReplayThread({
    ...{ databaseUrl: database.url, trustDomain: "cluster.local", telemetry, log: silent, limits, spawn },
  });
  open.push(thread);
  return { thread, workers };
}

const everywhere = ["web-api", "recommendation", "purchase-history", "default"];
const { objects } = sampleInventory({ enrolled: everywhere });
const denyAll: AskedStep = {
  ref: { kind: "AuthorizationPolicy", namespace: "web-api", name: "deny-all" },
  before: undefined,
  after: {
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: { namespace: "web-api", name: "deny-all" },
    spec: {},
  },
  changes: true,
};
const question = (steps: readonly AskedStep[] = [denyAll], windowSeconds = 3_600): Question => ({
  steps,
  windowSeconds,
  nowMs: Date.now(),
  notes: [],
});

interface Seen {
  readonly from: string;
  readonly to: string;
  readonly method: string;
  readonly path: string;
  readonly port: number;
  readonly count: number;
  readonly secondsAgo: number;
}

function see(telemetry: TelemetryMemory, { from, to, method, path, port, count, secondsAgo }: Seen): void {
  const identity = {
    labels: labels(from, to),
    ...{ destinationPort: port, method, path, responseCode: 200, decision: "allowed" as const },
  };
  const atMs = Date.now() - secondsAgo * 1_000;
  telemetry.shapes.record(shapeKey(identity), () => identity, { count, lastUnixMs: atMs }, atMs);
}

const usual: Seen = {
  ...{ from: "default/sleep", to: "web-api/web-api", method: "GET", path: "/", port: 8080, count: 7, secondsAgo: 30 },
};
const known = { becomeDenied: { count: 7, callers: 1 }, unknownBecause: undefined };
const said = ({ becomeDenied, unknownBecause }: Impact) => ({ becomeDenied, unknownBecause });

const workloads = [
  "default/sleep",
  "web-api/web-api",
  "recommendation/recommendation",
  "purchase-history/purchase-history-v1",
];
const anySeen: fc.Arbitrary<Seen> = fc.record({
  from: fc.constantFrom(...workloads),
  to: fc.constantFrom(...workloads),
  method: fc.constantFrom("GET", "POST", ""),
  path: fc.constantFrom("/", "/items/{id}", "/items/7/…", "/admin", "{other}"),
  port: fc.constantFrom(8080, 80),
  count: fc.integer({ min: 1, max: 1_000 }),
  secondsAgo: fc.integer({ min: 0, max: 3_000 }),
});
const anyRule = fc.record({
  from: fc.subarray(["default/sleep", "web-api/web-api", "purchase-history/purchase-history"], { minLength: 1 }),
  ports: fc.subarray(["8080", "80"], { minLength: 1 }),
});
const anyStep: fc.Arbitrary<AskedStep> = fc
  .record({
    namespace: fc.constantFrom("web-api", "recommendation", "istio-system"),
    action: fc.constantFrom("ALLOW", "DENY"),
    rules: fc.array(anyRule, { maxLength: 3 }),
  })
  .map(({ namespace, action, rules }) => {
    const after: Rendered = {
      ...{ apiVersion: "security.istio.io/v1", kind: "AuthorizationPolicy", metadata: { namespace, name: "any" } },
      spec: {
        action,
        rules: rules.map(({ from, ports }) => ({
          from: [{ source: { serviceAccounts: from } }],
          to: [{ operation: { ports } }],
        })),
      },
    };
    return { ref: { kind: "AuthorizationPolicy", namespace, name: "any" }, before: undefined, after, changes: true };
  });

describe("what the thread says", () => {
  test("is what this process says, whatever was observed before and after it started", {
    timeout: 60_000,
  }, async () => {
    const telemetry = new TelemetryMemory();
    see(telemetry, usual);
    // Each feed is told of everything; the memory has room for one.
    const shadow = new TelemetryMemory();
    see(shadow, usual);
    const { thread } = start(telemetry);
    const here = replayHere(database.pool, shadow);
    let rows = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(anySeen, { maxLength: 30 }),
        fc.array(anyStep, { maxLength: 3 }),
        async (seen, steps) => {
          for (const one of seen) {
            see(telemetry, one);
            see(shadow, one);
          }
          const asked = question(steps);
          const [theirs, ours] = await Promise.all([thread.assess(asked, objects), here.assess(asked, objects)]);
          expect(withoutTimes(theirs)).toEqual(withoutTimes(ours));
          impact.parse(theirs);
          rows = Math.max(rows, theirs.rows.length);
        },
      ),
      { numRuns: 60 },
    );
    expect(rows).toBeGreaterThan(20);
  });

  test("follows the cluster: what came, what changed and what is gone", { timeout: 30_000 }, async () => {
    const telemetry = new TelemetryMemory();
    see(telemetry, usual);
    const { thread } = start(telemetry);
    const standing = { ...objects, authorizationPolicies: [policyOf(denyAll)] };
    const now = async (from: ClusterObjects) => (await thread.assess(question([denyAll]), from)).rows[0]?.before;
    expect(await now(objects)).toBe("allowed");
    expect(await now(standing)).toBe("denied");
    expect(
      await now({ ...objects, pods: objects.pods.filter(({ metadata }) => metadata?.namespace !== "web-api") }),
    ).toBe("unknown");
    expect(await now(objects)).toBe("allowed");
  });

  test("names the share of requests that carried a header", { timeout: 30_000 }, async () => {
    const telemetry = new TelemetryMemory();
    for (const [kind, name, count] of [
      ["requests", "", 40],
      ["header", "x-team", 10],
    ] as const) {
      const identity = { serviceNamespace: "default", service: "httpbin", kind, name };
      telemetry.names.record(nameKey(identity), () => identity, { count }, Date.now());
    }
    see(telemetry, { ...usual, to: "default/httpbin", port: 8000 });
    const asks: AskedStep = {
      ref: { kind: "AuthorizationPolicy", namespace: "default", name: "asks" },
      before: undefined,
      after: {
        ...{ apiVersion: "security.istio.io/v1", kind: "AuthorizationPolicy" },
        metadata: { namespace: "default", name: "asks" },
        spec: {
          targetRefs: [{ group: "", kind: "Service", name: "httpbin" }],
          rules: [{ when: [{ key: "request.headers[x-team]", values: ["*"] }] }],
        },
      },
      changes: true,
    };
    const { thread } = start(telemetry);
    const behind = sampleInventory({ enrolled: ["default"], waypoint: "default" });
    expect((await thread.assess(question([asks]), behind.objects)).rows[0]).toMatchObject({
      after: "unknown",
      reason: "depends on the header x-team, which 25 % of its requests carry",
    });
  });
});

describe("a thread that fails", () => {
  test("leaves the impact unknown, is started again and knows as much as before", { timeout: 30_000 }, async () => {
    const telemetry = new TelemetryMemory();
    see(telemetry, usual);
    const { thread, workers } = start(telemetry);
    expect(said(await thread.assess(question(), objects))).toEqual(known);
    const cutOff = thread.assess(question(), objects);
    await workers[0]?.terminate();
    expect((await cutOff).unknownBecause).toMatch(/not known: the part of the portal that works it out stopped/);
    expect(said(await thread.assess(question(), objects))).toEqual(known);
    expect(workers).toHaveLength(2);
  });

  test("that hangs is ended after the time limit, and everybody who waits for it is told", {
    timeout: 30_000,
  }, async () => {
    const telemetry = new TelemetryMemory();
    see(telemetry, usual);
    const hung = new URL(`data:text/javascript,${encodeURIComponent("for (;;) {}")}`);
    const { thread, workers } = start(telemetry, { answerMs: 8_000 }, (nth) => (nth === 0 ? hung : threadFile));
    const [first, second] = await Promise.all([thread.assess(question(), objects), thread.assess(question(), objects)]);
    expect(first.unknownBecause).toMatch(/took too long/);
    expect(second.unknownBecause).toMatch(/took too long|stopped/);
    expect(first.rows).toEqual([]);
    expect(said(await thread.assess(question(), objects))).toEqual(known);
    expect(workers).toHaveLength(2);
  });

  test("that is only busy is not ended: what it knows would have to be read again", { timeout: 30_000 }, async () => {
    const busy = new URL(
      `data:text/javascript,${encodeURIComponent(`
        import { parentPort } from "node:worker_threads";
        parentPort.on("message", ({ kind, id }) => kind === "ping" && parentPort.postMessage({ pong: id }));
      `)}`,
    );
    const { thread, workers } = start(new TelemetryMemory(), { answerMs: 6_000 }, () => busy);
    expect((await thread.assess(question(), objects)).unknownBecause).toMatch(/took too long/);
    expect(workers).toHaveLength(1);
  });

  test("for lack of memory takes only itself along", { timeout: 60_000 }, async () => {
    const hungry = new URL(
      `data:text/javascript,${encodeURIComponent("const all = []; for (;;) all.push(Object.fromEntries([[all.length, all]]));")}`,
    );
    const { thread } = start(new TelemetryMemory(), { heapMb: 32 }, (nth) => (nth === 0 ? hungry : threadFile));
    expect((await thread.assess(question(), objects)).unknownBecause).toMatch(/needed more memory/);
    expect((await thread.assess(question(), objects)).unknownBecause).toBeUndefined();
  });

  test("again and again is given pauses, and asking meanwhile is answered at once", { timeout: 30_000 }, async () => {
    const failing = new URL(`data:text/javascript,${encodeURIComponent("process.exit(1)")}`);
    const { thread, workers } = start(new TelemetryMemory(), {}, () => failing);
    const answers: (string | undefined)[] = [];
    for (let ask = 0; ask < 4; ask++) {
      answers.push((await thread.assess(question(), objects)).unknownBecause);
    }
    expect(answers.every((because) => because?.includes("started again"))).toBe(true);
    expect(workers.length).toBeLessThan(4);
  });
});

test("more questions than it may have at a time are turned away, the others answered", {
  timeout: 30_000,
}, async () => {
  const telemetry = new TelemetryMemory();
  see(telemetry, usual);
  const { thread } = start(telemetry, { questionsMax: 3 });
  const answers = await Promise.all(Array.from({ length: 5 }, () => thread.assess(question(), objects)));
  expect(answers.map(({ unknownBecause }) => unknownBecause === undefined)).toEqual([true, true, true, false, false]);
  expect(answers.at(-1)?.unknownBecause).toMatch(/many previews/);
});

test("a database that cannot be read leaves the week unknown and the hour known", { timeout: 30_000 }, async () => {
  const telemetry = new TelemetryMemory();
  see(telemetry, usual);
  const thread = new ReplayThread({
    ...{ databaseUrl: "postgresql://nobody@127.0.0.1:1/none", trustDomain: "cluster.local", telemetry, log: silent },
  });
  open.push(thread);
  expect((await thread.assess(question([denyAll], 604_800), objects)).unknownBecause).toMatch(/database/);
  expect(said(await thread.assess(question(), objects))).toEqual(known);
});

/** Either is asked at its own moment. */
const withoutTimes = ({ observedSinceUnixMs: _, rows, ...rest }: Impact) => ({
  ...rest,
  rows: rows.map(({ lastUnixMs: _last, ...row }) => row),
});

const policyOf = ({ after }: AskedStep) => after as unknown as ClusterObjects["authorizationPolicies"][number];
