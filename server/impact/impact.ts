/** What a change would do to the traffic of the last hour. Pure. */
import type { EdgeLabels } from "@/mesh-runtime/api/telemetry.ts";
import type { Impact, ImpactRow, Verdict } from "@/server/contracts/golden-paths.ts";
import { findService, type Inventory, type InventoryPod, waypointOf } from "@/server/inventory/model.ts";
import { gatewayOf } from "@/server/policies/applied.ts";
import type { ShapeCounts, ShapeIdentity } from "@/server/telemetry/records.ts";
import { countsEdge, NodeFinder, type NodeRef } from "@/server/traffic/graph/node-ref.ts";
import { Judge, type Judgement, type PolicyState } from "./policy-state.ts";

export interface ImpactInput {
  readonly inventory: Inventory;
  readonly shapes: Iterable<{ readonly identity: ShapeIdentity; readonly counts: ShapeCounts }>;
  readonly before: PolicyState;
  readonly after: PolicyState;
  readonly trustDomain: string;
  readonly windowSeconds: number;
  /** Start of what is known. */
  readonly observedSinceUnixMs: number;
  /** Whether a change could touch what goes from one node to another; the rest is left out. */
  readonly concerns: (from: NodeRef, to: NodeRef) => boolean;
}

const rowsMax = 500;

interface Flow {
  readonly from: NodeRef;
  readonly to: NodeRef;
  readonly labels: EdgeLabels;
  readonly port: number;
  readonly unit: "requests" | "connections";
  /** Where a waypoint judges requests one by one; empty elsewhere. */
  readonly method: string;
  readonly path: string;
  count: number;
  lastUnixMs: number;
}

export function assessImpact(input: ImpactInput): Impact {
  const { inventory, trustDomain } = input;
  const before = new Judge(input.before, trustDomain);
  const after = new Judge(input.after, trustDomain);
  const rows = collectFlows(input).map((flow): ImpactRow => {
    const now = judge(flow, before, inventory);
    const then = judge(flow, after, inventory);
    const source = podsOf(inventory, flow.labels.source_workload_namespace, flow.labels.source_workload)[0];
    const mesh = source !== undefined && before.enrolled(source);
    return {
      caller: {
        title: flow.from.kind === "unknown" ? "no identity" : flow.from.kind === "outside" ? "outside" : flow.from.name,
        namespace: flow.from.namespace,
        principal: mesh ? `${trustDomain}/ns/${source.namespace}/sa/${source.serviceAccount}` : "",
      },
      service: { namespace: flow.to.namespace, name: flow.to.name },
      port: flow.port,
      method: flow.method,
      path: flow.path,
      unit: flow.unit,
      count: flow.count,
      lastUnixMs: flow.lastUnixMs,
      share: 0,
      before: now.verdict,
      after: then.verdict,
      reason: then.reason,
    };
  });
  const observed = rows.reduce((sum, row) => sum + row.count, 0);
  const sorted = rows.sort((one, other) => rank(one) - rank(other) || other.count - one.count);
  const notes: string[] = [];
  if (rows.length === 0) {
    notes.push("No traffic was observed in this window, so nothing can be said about callers.");
  } else {
    notes.push("A caller that was silent in this window does not show here.");
  }
  if (rows.length > rowsMax) {
    notes.push(`Only the first ${rowsMax} of ${rows.length} rows are shown; the totals count all.`);
  }
  return {
    windowSeconds: input.windowSeconds,
    observedSinceUnixMs: rows.length === 0 ? 0 : input.observedSinceUnixMs,
    becomeDenied: total(rows, (row) => row.before === "allowed" && row.after === "denied"),
    becomeAllowed: total(rows, (row) => row.before === "denied" && row.after === "allowed"),
    unchanged: total(rows, (row) => row.before === row.after && row.before !== "unknown"),
    unknown: total(rows, (row) => row.before === "unknown" || row.after === "unknown"),
    rows: sorted.slice(0, rowsMax).map((row) => ({ ...row, share: row.count / observed })),
    notes,
  };
}

/** One flow per caller, service and pod port; requests where a proxy saw some, else connections. */
function collectFlows({ shapes, inventory, concerns }: ImpactInput): Flow[] {
  const finder = new NodeFinder(inventory);
  const requests = new Map<string, Flow>();
  const connections = new Map<string, Flow>();
  for (const { identity, counts } of shapes) {
    const { labels, destinationPort: port } = identity;
    if (!countsEdge(labels, "-", finder)) {
      continue;
    }
    const from = finder.source(labels);
    const to = finder.destination(labels);
    if (to.kind === "outside" || to.kind === "unknown" || !concerns(from, to)) {
      continue;
    }
    const http = identity.method !== "";
    const flows = http ? requests : connections;
    // Versions of one service may be judged apart: their pods carry other labels.
    const judged = labels.reporter === "waypoint" ? identity : noRequest;
    const { method, path } = judged;
    const key = `${from.id}~${to.id}~${port}~${labels.destination_workload}~${method} ${path}`;
    const known = flows.get(key);
    if (known === undefined) {
      const unit = http ? "requests" : "connections";
      const { count, lastUnixMs } = counts;
      flows.set(key, { from, to, labels, port, unit, method, path, count, lastUnixMs });
    } else {
      known.count += counts.count;
      known.lastUnixMs = Math.max(known.lastUnixMs, counts.lastUnixMs);
    }
  }
  const pairs = new Set([...requests.values()].map(({ from, to }) => `${from.id}~${to.id}`));
  return merge([
    ...requests.values(),
    ...[...connections.values()].filter(({ from, to }) => !pairs.has(`${from.id}~${to.id}`)),
  ]);
}

const noRequest = { method: "", path: "" } as const;

/** Flows to several workloads behind one service and port are one row as far as people are concerned. */
function merge(flows: readonly Flow[]): Flow[] {
  const merged = new Map<string, Flow>();
  for (const flow of flows) {
    const key = `${flow.from.id}~${flow.to.id}~${flow.port}~${flow.method} ${flow.path}`;
    const known = merged.get(key);
    if (known === undefined) {
      merged.set(key, { ...flow });
    } else {
      known.count += flow.count;
      known.lastUnixMs = Math.max(known.lastUnixMs, flow.lastUnixMs);
    }
  }
  return [...merged.values()];
}

function judge(flow: Flow, by: Judge, inventory: Inventory): Judgement {
  const service = findService(inventory, flow.to);
  const named = podsOf(inventory, flow.labels.destination_workload_namespace, flow.labels.destination_workload);
  const destinations = service?.pods ?? named;
  if (destinations.length === 0) {
    return unknown("the service has no pods now");
  }
  const gateway = service === undefined ? undefined : gatewayOf(inventory, service);
  const source = podsOf(inventory, flow.labels.source_workload_namespace, flow.labels.source_workload)[0];
  if (source === undefined && flow.from.kind === "service") {
    return unknown("the caller has no pods now");
  }
  const waypoint = service === undefined ? undefined : waypointOf(inventory, service);
  const verdicts = destinations.map((pod) => {
    if (gateway !== undefined) {
      return by.atGateway(gateway, pod, "", "");
    }
    return service === undefined || waypoint === undefined
      ? by.connection(source, pod, flow.port)
      : by.throughWaypoint(source, waypoint, service, pod, flow);
  });
  const [first] = verdicts;
  if (first === undefined || verdicts.some(({ verdict }) => verdict !== first.verdict)) {
    return unknown("differs from pod to pod");
  }
  return first;
}

const unknown = (reason: string): Judgement => ({ verdict: "unknown", reason, policy: "", rule: -1 });

/** By workload name, or pod name where a proxy knew no more. */
const podsOf = (inventory: Inventory, namespace: string, workload: string): readonly InventoryPod[] =>
  inventory.pods.filter((pod) => pod.namespace === namespace && (pod.workload === workload || pod.name === workload));

function total(rows: readonly ImpactRow[], holds: (row: ImpactRow) => boolean): { count: number; callers: number } {
  const chosen = rows.filter(holds);
  return {
    count: chosen.reduce((sum, row) => sum + row.count, 0),
    callers: new Set(chosen.map(({ caller }) => `${caller.namespace}/${caller.title}`)).size,
  };
}

const order: Readonly<Record<string, number>> = {
  "allowed denied": 0,
  "denied allowed": 1,
  unknown: 2,
  "denied denied": 3,
  "allowed allowed": 4,
};

function rank({ before, after }: { readonly before: Verdict; readonly after: Verdict }): number {
  return order[before === "unknown" || after === "unknown" ? "unknown" : `${before} ${after}`] ?? 5;
}
