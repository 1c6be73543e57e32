/**
 * What a preview costs: a million kinds of requests against 200 policies, and an ordinary preview. Load it with
 * `portal-imports.ts`; alone: `node bench/impact-alone.ts`.
 */
import { setImmediate as pause } from "node:timers/promises";
import { propose } from "../server/changes/proposal.ts";
import type { LetACallerInForm } from "../server/contracts/golden-paths/access.ts";
import { findingsOf } from "../server/findings/findings.ts";
import { noTraffic } from "../server/golden-paths/insight.ts";
import { intentSet } from "../server/golden-paths/intent.ts";
import { assessInParts } from "../server/impact/impact.ts";
import { inventoryAfter } from "../server/impact/objects-after.ts";
import { ShapeColumns } from "../server/impact/shape-columns.ts";
import { buildInventory } from "../server/inventory/build.ts";
import type { ClusterObjects } from "../server/inventory/cluster-objects.ts";
import type { Inventory } from "../server/inventory/model.ts";
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

/** Each of a hundred services calls others; every kind of request is another method or path. */
function shapesOf(count: number): ShapeColumns {
  const shapes = new ShapeColumns();
  const edges = Array.from({ length: 1_000 }, (_, index) => {
    const to = index % servicesCount;
    const from = (to + Math.floor(index / servicesCount) * 7 + 1) % servicesCount;
    return labels(`${namespace(from)}/${name(from)}`, `${namespace(to)}/${name(to)}`, {
      reporter: "waypoint",
      service: name(to),
    });
  });
  for (let index = 0; index < count; index++) {
    const edge = edges[index % edges.length];
    const kind = Math.floor(index / edges.length);
    if (edge !== undefined) {
      shapes.add(
        {
          labels: edge,
          destinationPort: 8080,
          method: kind % 2 === 0 ? "GET" : "POST",
          path: `/api/${kind % 10}/item-${kind}`,
        },
        { count: 1 + (index % 97), lastUnixMs: index },
      );
    }
  }
  return shapes;
}

interface Measured {
  readonly totalMs: number;
  /** Of the whole process. */
  readonly cpuMs: number;
  readonly longestMs: number;
}

/** As the portal drives it: a pause after every slice of 8 ms. */
async function assess(shapes: ShapeColumns, before: Inventory, after: Inventory): Promise<Measured> {
  const work = assessInParts({
    shapes,
    before,
    after,
    trustDomain: "cluster.local",
    windowSeconds: 604_800,
    observedSinceUnixMs: 0,
    concerns: () => true,
  });
  const start = performance.now();
  const cpu = process.cpuUsage();
  let sliceMs = start;
  let longestMs = 0;
  for (let step = work.next(); step.done !== true; step = work.next()) {
    const now = performance.now();
    longestMs = Math.max(longestMs, now - sliceMs);
    if (now - sliceMs > 8) {
      await pause();
      sliceMs = performance.now();
    }
  }
  const { user, system } = process.cpuUsage(cpu);
  const totalMs = performance.now() - start;
  return { totalMs, cpuMs: (user + system) / 1_000, longestMs: Math.max(longestMs, performance.now() - sliceMs) };
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
async function ordinary(): Promise<number[]> {
  const inventory = cluster(40);
  const shapes = shapesOf(5_000);
  const context = { inventory, current: intentSet([]), traffic: noTraffic, nowUnixMs: Date.now() };
  const taken: number[] = [];
  for (let round = 0; round < 60; round++) {
    const start = performance.now();
    const { steps } = propose("let-a-caller-in", form, context, () => undefined);
    const after = inventoryAfter(inventory, steps);
    await assess(shapes, inventory, after);
    findingsOf(after, [`${namespace(1)}/${name(1)}`]);
    taken.push(performance.now() - start);
  }
  return taken.slice(10).sort((one, other) => one - other);
}

/** Lines for RESULTS.md. */
export async function impactReport(): Promise<string> {
  const before = cluster(199);
  const after = cluster(200);
  const begun = performance.now();
  const shapes = shapesOf(1_000_000);
  const builtMs = performance.now() - begun;
  await assess(shapesOf(10_000), before, after);
  const rounds: Measured[] = [];
  for (let round = 0; round < 5; round++) {
    rounds.push(await assess(shapes, before, after));
  }
  const totals = rounds.map(({ totalMs }) => totalMs).sort((one, other) => one - other);
  const longest = Math.max(...rounds.map(({ longestMs }) => longestMs));
  const taken = await ordinary();
  return [
    "1,000,000 kinds of requests (1,000 edges of 100 services, 1,000 methods and paths each) against 200 layer 7 policies, before and after a change, in the process that serves the portal, which pauses after every slice so that other requests are served in between. An ordinary preview is a form over 5,000 kinds of requests and 40 policies: plan, render, impact, findings, without the API server's dry run.",
    "",
    markdownTable([
      ["preview", "p50", "p95 or worst", "CPU", "longest slice"],
      [
        "1,000,000 × 200",
        ms(quantile(totals, 0.5)),
        ms(totals.at(-1) ?? 0),
        ms(
          quantile(
            rounds.map(({ cpuMs }) => cpuMs),
            0.5,
          ),
        ),
        ms(longest),
      ],
      ["collecting the 1,000,000 into columns", ms(builtMs), "", "", ""],
      ["ordinary", ms(quantile(taken, 0.5)), ms(quantile(taken, 0.95)), "", ""],
    ]),
  ].join("\n");
}
