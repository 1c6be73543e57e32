/**
 * What a preview costs: a million kinds of requests against 200 policies, and an ordinary preview, both with the real
 * thread and a real database. Load it with `portal-imports.ts`; alone: `node bench/impact-alone.ts`.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { Worker, type WorkerOptions } from "node:worker_threads";
import { propose } from "../server/changes/proposal.ts";
import type { LetACallerInForm } from "../server/contracts/golden-paths/access.ts";
import type { Impact } from "../server/contracts/golden-paths.ts";
import { startTestDatabase, type TestDatabase } from "../server/db/test-database.suite.ts";
import { findingsOf } from "../server/findings/findings.ts";
import { noTraffic } from "../server/golden-paths/insight.ts";
import { intentSet } from "../server/golden-paths/intent.ts";
import type { Rendered } from "../server/golden-paths/resource.ts";
import { inventoryAfter } from "../server/impact/objects-after.ts";
import { hourMs } from "../server/impact/observed-traffic.ts";
import { buildInventory } from "../server/inventory/build.ts";
import type { ClusterObjects } from "../server/inventory/cluster-objects.ts";
import type { Inventory } from "../server/inventory/model.ts";
import { createLog } from "../server/log.ts";
import type { AskedStep } from "../server/replay/messages.ts";
import { ReplayThread } from "../server/replay/replay-thread.ts";
import { TelemetryMemory } from "../server/telemetry/memory.ts";
import { shapeKey } from "../server/telemetry/records.ts";
import { labels } from "../server/telemetry/sample.suite.ts";
import { markdownTable, ms, quantile } from "./table.ts";

const servicesCount = 100;
const namespace = (index: number): string => `team-${index % 20}`;
const name = (index: number): string => `service-${index}`;

/** Services behind the waypoints of twenty namespaces, two policies each. */
function cluster(policies: number): Inventory {
  const range = (length: number): number[] => Array.from({ length }, (_, index) => index);
  const meta = (index: number) => ({ namespace: namespace(index), name: name(index) });
  const objects: Partial<Record<keyof ClusterObjects, unknown[]>> = {
    namespaces: range(20).map((index) => ({
      metadata: {
        name: namespace(index),
        labels: { "istio.io/dataplane-mode": "ambient", "istio.io/use-waypoint": "waypoint" },
      },
    })),
    nodes: [{ metadata: { name: "node-a" } }],
    pods: range(servicesCount).map((index) => ({
      metadata: {
        ...meta(index),
        labels: { app: name(index) },
        annotations: { "ambient.istio.io/redirection": "enabled" },
        ownerReferences: [
          { apiVersion: "apps/v1", kind: "Deployment", name: name(index), uid: name(index), controller: true },
        ],
      },
      spec: {
        serviceAccountName: name(index),
        nodeName: "node-a",
        containers: [{ name: "main", ports: [{ containerPort: 8080 }] }],
      },
      status: { phase: "Running", podIP: `10.0.0.${index}`, conditions: [{ type: "Ready", status: "True" }] },
    })),
    services: range(servicesCount).map((index) => ({
      metadata: meta(index),
      spec: { selector: { app: name(index) }, ports: [{ name: "http", port: 8080, targetPort: 8080 }] },
      status: {
        conditions: [
          {
            type: "istio.io/WaypointBound",
            status: "True",
            message: `Successfully attached to waypoint ${namespace(index)}/waypoint`,
          },
        ],
      },
    })),
    gateways: range(20).map((index) => ({
      metadata: { namespace: namespace(index), name: "waypoint" },
      spec: { gatewayClassName: "istio-waypoint", listeners: [] },
      status: { conditions: [{ type: "Programmed", status: "True" }] },
    })),
    authorizationPolicies: range(policies).map((index) => policyOf(index)),
  };
  const none: (keyof ClusterObjects)[] = [
    "serviceAccounts",
    "routes",
    "grpcRoutes",
    "virtualServices",
    "destinationRules",
    "rateLimitPolicies",
    "requestAuthentications",
    "peerAuthentications",
    "serviceEntries",
    "configMaps",
  ];
  return buildInventory({
    ...Object.fromEntries(none.map((key) => [key, []])),
    ...objects,
  } as unknown as ClusterObjects);
}

function policyOf(index: number): object {
  const target = index % servicesCount;
  const callers = Array.from({ length: 5 }, (_, one) => (target + one * 7 + 1) % servicesCount);
  return {
    metadata: { namespace: namespace(target), name: `policy-${index}` },
    spec: {
      targetRefs: [{ group: "", kind: "Service", name: name(target) }],
      action: index % 4 === 3 ? "DENY" : "ALLOW",
      rules: callers.map((caller) => ({
        from: [{ source: { serviceAccounts: [`${namespace(caller)}/${name(caller)}`] } }],
        to: [
          { operation: { methods: ["GET"], paths: [`/api/${caller % 10}/*`, `/exact/${index}`, "/users/{*}/orders"] } },
        ],
      })),
    },
  };
}

/** Each of a hundred services calls ten others. */
const edges = Array.from({ length: 1_000 }, (_, index) => {
  const to = index % servicesCount;
  const from = (to + Math.floor(index / servicesCount) * 7 + 1) % servicesCount;
  return labels(`${namespace(from)}/${name(from)}`, `${namespace(to)}/${name(to)}`, {
    reporter: "waypoint",
    service: name(to),
  });
});

/** A thousand methods and paths of every edge, in the hours of a day. */
async function fillDatabase({ pool }: TestDatabase, kindsOfEdge: number): Promise<void> {
  const nowHour = Math.floor(Date.now() / hourMs) * hourMs;
  for (let hour = 0; hour < 24; hour++) {
    await pool.query(
      `INSERT INTO telemetry_hours (bucket, kind, series, labels, data)
       SELECT $1, 'shapes', md5(edge || ' ' || kind),
              jsonb_build_object('labels', labels, 'destinationPort', 8080,
                                 'method', CASE kind % 2 WHEN 0 THEN 'GET' ELSE 'POST' END,
                                 'path', '/api/' || kind % 10 || '/item-' || kind),
              jsonb_build_object('count', 1 + (edge + kind) % 97, 'lastUnixMs', 0)
       FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS e(labels, edge),
            generate_series($3::int, $4::int - 1, 24) AS kind`,
      [new Date(nowHour - (hour + 1) * hourMs), JSON.stringify(edges), hour, kindsOfEdge],
    );
  }
  await pool.query("VACUUM ANALYZE telemetry_hours");
}

function see(memory: TelemetryMemory, index: number): void {
  const edge = edges[index % edges.length];
  if (edge !== undefined) {
    const path = `/api/${Math.floor(index / edges.length)}/live`;
    const identity = { labels: edge, destinationPort: 8080, method: "GET", path, responseCode: 200 };
    const shape = { ...identity, decision: "allowed" as const };
    const nowMs = Date.now();
    memory.shapes.record(shapeKey(shape), () => shape, { count: 1, lastUnixMs: nowMs }, nowMs);
  }
}

/** Writes the last policy; a second rule, of the root namespace, makes it concern every call. */
const steps: readonly AskedStep[] = [
  { ...stepOf(namespace(99), "policy-199", policyOf(199)), changes: true },
  { ...stepOf("istio-system", "standing", policyOf(0)), changes: false },
];

function stepOf(inNamespace: string, policy: string, object: object): Omit<AskedStep, "changes"> {
  const after = { apiVersion: "security.istio.io/v1", kind: "AuthorizationPolicy", ...object } as Rendered;
  return { ref: { kind: "AuthorizationPolicy", namespace: inNamespace, name: policy }, before: undefined, after };
}

interface Measured {
  readonly totalMs: number;
  /** Of the thread alone. */
  readonly cpuMs: number;
}

/** Longest time that the event loop was busy while something else went on, with the usual telemetry coming in. */
async function longestBusy(memory: TelemetryMemory, work: () => Promise<unknown>): Promise<number> {
  const telemetry = setInterval(() => {
    for (let index = 0; index < 500; index++) {
      see(memory, index);
    }
  }, 100);
  const busy = monitorEventLoopDelay({ resolution: 1 });
  busy.enable();
  await work();
  busy.disable();
  clearInterval(telemetry);
  return busy.max / 1_000_000;
}

class Bench {
  readonly #database: TestDatabase;
  readonly #thread: ReplayThread;
  readonly memory = new TelemetryMemory();
  #worker: Worker | undefined;

  constructor(database: TestDatabase) {
    this.#database = database;
    this.#thread = new ReplayThread({
      databaseUrl: database.url,
      trustDomain: "cluster.local",
      telemetry: this.memory,
      log: createLog("bench"),
      spawn: (options: WorkerOptions) => {
        this.#worker = new Worker(new URL("../server/replay/worker.ts", import.meta.url), options);
        return this.#worker;
      },
    });
  }

  ask(asked: readonly AskedStep[], objects: ClusterObjects, windowSeconds: number): Promise<Impact> {
    return this.#thread.assess({ steps: asked, windowSeconds, nowMs: Date.now(), notes: [] }, objects);
  }

  async measure(asked: readonly AskedStep[], objects: ClusterObjects, windowSeconds: number): Promise<Measured> {
    const cpu = await this.#worker?.cpuUsage();
    const start = performance.now();
    const { unknownBecause } = await this.ask(asked, objects, windowSeconds);
    const totalMs = performance.now() - start;
    if (unknownBecause !== undefined) {
      throw new Error(unknownBecause);
    }
    const { user, system } = (await this.#worker?.cpuUsage(cpu)) ?? { user: 0, system: 0 };
    return { totalMs, cpuMs: (user + system) / 1_000 };
  }

  async heapMiB(): Promise<number> {
    const heap = await this.#worker?.getHeapStatistics();
    return ((heap?.total_heap_size ?? 0) + (heap?.external_memory ?? 0)) / 1_048_576;
  }

  async close(): Promise<void> {
    await this.#thread.close();
    await this.#database.close();
  }
}

const form: LetACallerInForm = {
  service: { namespace: namespace(1), name: name(1) },
  callers: [{ kind: "identity", namespace: namespace(2), serviceAccount: name(2) }],
  ports: [8080],
  requests: [{ methods: ["GET"], paths: ["/api/*"], headers: [] }],
  until: null,
  allowed: true,
};

/** What a form costs at each key, without the API server's dry run: plan, render, compare, impact, findings. */
async function ordinary(bench: Bench): Promise<number[]> {
  const inventory = cluster(40);
  for (let index = 0; index < 5_000; index++) {
    see(bench.memory, index);
  }
  const context = { inventory, current: intentSet([]), traffic: noTraffic, nowUnixMs: Date.now() };
  const taken: number[] = [];
  for (let round = 0; round < 60; round++) {
    const start = performance.now();
    const proposed = propose("let-a-caller-in", form, context, () => undefined);
    const asked = proposed.steps.map((step) => ({
      ref: step.ref,
      before: step.before,
      after: step.after,
      changes: true,
    }));
    await bench.ask(asked, inventory.objects, 3_600);
    findingsOf(inventoryAfter(inventory, proposed.steps), [`${namespace(1)}/${name(1)}`]);
    taken.push(performance.now() - start);
  }
  return taken.slice(10).sort((one, other) => one - other);
}

const kindsText = (count: number): string => count.toLocaleString("en");

/** Lines for RESULTS.md. */
export async function impactReport(): Promise<string> {
  const database = await startTestDatabase();
  await fillDatabase(database, 1_000);
  const { objects } = cluster(199);
  const residentBefore = process.memoryUsage.rss();
  const started = performance.now();
  const bench = new Bench(database);
  let kinds = 0;
  for (let seen = -1; kinds !== seen; ) {
    await delay(1_000);
    seen = kinds;
    const { unchanged, becomeAllowed, becomeDenied, unknown, notes } = await bench.ask(steps, objects, 604_800);
    kinds = unchanged.count + becomeAllowed.count + becomeDenied.count + unknown.count + notes.length;
  }
  const readMs = performance.now() - started;
  const idleMs = await longestBusy(bench.memory, () => delay(5_000));
  const rounds: Measured[] = [];
  const ownCpu = process.threadCpuUsage();
  const busyMs = await longestBusy(bench.memory, async () => {
    for (let round = 0; round < 20; round++) {
      rounds.push(await bench.measure(steps, objects, 604_800));
      await delay(50);
    }
  });
  const own = process.threadCpuUsage(ownCpu);
  const ownMs = (own.user + own.system) / 1_000 / rounds.length;
  const told = (await bench.ask(steps, objects, 604_800)).notes.find((note) => note.startsWith("Only the first"));
  const heapMiB = await bench.heapMiB();
  const residentMiB = (process.memoryUsage.rss() - residentBefore) / 1_048_576;
  const taken = await ordinary(bench);
  await bench.close();
  const totals = rounds.map(({ totalMs }) => totalMs);
  const cpu = rounds.map(({ cpuMs }) => cpuMs);
  const judged = /of (\d+) rows/.exec(told ?? "")?.[1] ?? "0";
  return [
    `A week of ${kindsText(Number(judged))} kinds of requests (1,000 edges of 100 services, 1,000 methods and paths each, and what comes in meanwhile) against 200 layer 7 policies, before and after a change: from the question to the answer, with the look into the database whether something is new. The thread keeps what was observed, so nothing is collected for a preview; "CPU" is the thread's, "portal's loop" the longest that the process which serves pages was busy at a stretch, while 5,000 observations a second come in (${ms(idleMs)} without previews); that process spends ${ms(ownMs)} of CPU a preview, those observations included. An ordinary preview is a form over 5,000 kinds of requests and 40 policies: plan, render, impact, findings, without the API server's dry run. Alone: \`node bench/impact-alone.ts\`.`,
    "",
    markdownTable([
      ["preview", "p50", "p95", "worst", "CPU p50", "CPU worst", "portal's loop"],
      [
        "1,000,000 × 200",
        ms(quantile(totals, 0.5)),
        ms(quantile(totals, 0.95)),
        ms(Math.max(...totals)),
        ms(quantile(cpu, 0.5)),
        ms(Math.max(...cpu)),
        ms(busyMs),
      ],
      ["ordinary", ms(quantile(taken, 0.5)), ms(quantile(taken, 0.95)), ms(Math.max(...taken)), "", "", ""],
    ]),
    "",
    `Reading the million from the database when the portal starts: ${(readMs / 1_000).toFixed(1)} s in the thread, once; later each hour is read when it is over. Memory of the thread with all of it: ${heapMiB.toFixed(0)} MiB after a preview; the whole process grew by ${residentMiB.toFixed(0)} MiB.`,
  ].join("\n");
}
