/** What proxies have acknowledged of one object. */
import { effectiveCondition, enforcedCondition } from "@/mesh-runtime/api/conditions.ts";
import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import type { ProxyStatus } from "@/mesh-runtime/api/telemetry.ts";
import type { Cluster } from "@/server/cluster/cluster.ts";
import { kindNames } from "@/server/cluster/kinds.ts";
import { resourceName } from "@/server/golden-paths/resource.ts";
import { dataplaneModeLabel, waypointClass } from "@/server/inventory/labels.ts";
import type { LiveInventory } from "@/server/inventory/live-inventory.ts";
import type { TelemetryMemory } from "@/server/telemetry/memory.ts";
import { boundEntry, isBinding } from "./binding-entry.ts";
import type { Entry } from "./entry.ts";
import type { ResourceStep } from "./proposal.ts";

/** An object as it was acknowledged by the API. */
export interface Written {
  readonly step: ResourceStep;
  /** 0 when it was removed. */
  readonly generation: number;
  readonly atUnixMs: number;
}

export interface ReceiptDeps {
  readonly cluster: Cluster;
  readonly inventory: LiveInventory;
  readonly telemetry: TelemetryMemory;
  readonly target: "embedded" | "kubernetes";
  /** How long connections to a waypoint that is left may take to end; a few seconds when not said. */
  readonly drainMs?: number;
}

/** Nothing carries the object to a proxy: its target is missing, or bound to no waypoint. */
export const notAttached = "NotAttached";
/** Nobody follows its delivery, or not yet. */
export const noWord = "NoWord";
/** It reached the proxies and does nothing there. */
export const noEffect = "NoEffect";

/** A namespace's receipt comes a moment after its pods; longer than this and the target writes none. */
const namespaceReceiptMs = 3_000;
/** Istio writes no such condition: acceptance must do. */
const foreignReceiptMs = 5_000;
/** Proxies hear of a removal within milliseconds and tell their state once a second. */
const removalSettleMs = 2_500;
const removalHeardMs = 1_500;

export function readEntry(written: Written, deps: ReceiptDeps, startedUnixMs: number, nowMs: number): Entry {
  const { step } = written;
  const { ref, before, after } = step;
  if (isBinding(step)) {
    const heard = heardSince(written, agents(deps), "knows the way to", nowMs);
    return boundEntry(step, heard, deps.inventory.current, nowMs - written.atUnixMs, deps.drainMs);
  }
  if (ref.kind === "Namespace") {
    return joins(after) === joins(before) ? accepted(`${ref.name} is labelled`) : readNamespace(written, deps, nowMs);
  }
  if (after === undefined) {
    return heardSince(written, proxiesFor(step, deps), "is out of force on", nowMs);
  }
  switch (ref.kind) {
    case "Service":
    case "ConfigMap":
      return heardSince(written, connected(deps), "is known to", nowMs);
    case "Deployment":
      return readDeployment(written, deps);
    default:
      return readConditions(written, deps, startedUnixMs, nowMs);
  }
}

interface Condition {
  readonly type?: string;
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
  /** Text in Istio's own kinds. */
  readonly observedGeneration?: number | string;
}

/** Conditions of an object, of a route those of its parents too. */
function conditionsOf(live: KubeObject | undefined): readonly Condition[] {
  const { status } = (live ?? {}) as {
    readonly status?: { conditions?: Condition[]; parents?: { conditions?: Condition[] }[] };
  };
  return [...(status?.conditions ?? []), ...(status?.parents ?? []).flatMap(({ conditions }) => conditions ?? [])];
}

/** Types that say whether the object is attached to anything at all. */
const attachment: ReadonlySet<string> = new Set(["Accepted", "WaypointAccepted", "ZtunnelAccepted", "Programmed"]);

function readConditions({ step, generation }: Written, deps: ReceiptDeps, startedUnixMs: number, nowMs: number): Entry {
  const { kind, namespace, name } = step.ref;
  const watched = kindNames.find((known) => known === kind);
  const live = watched === undefined ? undefined : deps.cluster.get(watched, namespace, name);
  const conditions = conditionsOf(live).filter(
    ({ type, observedGeneration }) =>
      // Some conditions of Istio carry none.
      Number(observedGeneration ?? (type === enforcedCondition ? 0 : generation)) >= generation,
  );
  const isFalse = (matches: (type: string) => boolean): Condition | undefined =>
    conditions.find(({ type = "", status }) => status === "False" && matches(type));
  const refused = isFalse((type) => attachment.has(type));
  if (refused !== undefined) {
    return entry("False", notAttached, `${resourceName(step.ref)}: ${refused.message ?? refused.reason ?? ""}`);
  }
  const told = conditions.filter(({ type }) => type === enforcedCondition);
  const worst = told.find(({ status }) => status !== "True") ?? told[0];
  const idle = isFalse((type) => type === effectiveCondition);
  if (idle !== undefined && worst?.status !== "False") {
    return entry("False", noEffect, `${resourceName(step.ref)}: ${idle.message ?? idle.reason ?? ""}`);
  }
  if (worst !== undefined) {
    return fromCondition(worst);
  }
  if (isForWaypointsToCome(step, deps)) {
    return accepted("No waypoint is there yet: it holds from the first one on");
  }
  if (deps.target === "kubernetes" && nowMs - startedUnixMs > foreignReceiptMs) {
    return entry("True", "NoReceipt", "This target tells no receipt; the resource was accepted");
  }
  const total = agents(deps).length;
  return { ...entry("Unknown", noWord, `No word yet about ${resourceName(step.ref)}`), total };
}

/** A policy for every waypoint, and there is none. */
const isForWaypointsToCome = ({ after }: ResourceStep, { cluster }: ReceiptDeps): boolean => {
  const { targetRefs = [] } = (after?.spec ?? {}) as { readonly targetRefs?: readonly { readonly kind?: string }[] };
  return (
    targetRefs.length > 0 &&
    targetRefs.every(({ kind }) => kind === "GatewayClass") &&
    cluster.list("Gateway").every(({ spec }) => spec?.gatewayClassName !== waypointClass)
  );
};

/** "enforced on 3 of 3 proxies after 38 ms" */
function fromCondition({ status, reason = "", message = "" }: Condition): Entry {
  const [, enforced, total, afterMs] =
    /enforced on (\d+) of (\d+) prox(?:y|ies)(?: after (\d+(?:\.\d+)?) ms)?/.exec(message) ?? [];
  return {
    status: status === "True" || status === "False" ? status : "Unknown",
    reason,
    message,
    enforced: Number(enforced ?? 0),
    total: Number(total ?? 0),
    unit: "proxies",
    afterMs: afterMs === undefined ? undefined : Math.round(Number(afterMs)),
  };
}

const joins = (resource: ResourceStep["after"]): boolean =>
  resource?.metadata.labels?.[dataplaneModeLabel] !== undefined;

function readNamespace({ step, atUnixMs }: Written, { inventory }: ReceiptDeps, nowMs: number): Entry {
  const namespace = inventory.current.namespaces.find(({ name }) => name === step.ref.name);
  const { captured, pods } = namespace?.enrolment ?? { captured: 0, pods: 0 };
  if (!joins(step.after)) {
    const left = pods - captured;
    const status = captured === 0 ? "True" : "Unknown";
    return inPods(status, "PodsReleased", `${left} of ${pods} pods left the mesh`, left, pods);
  }
  const receipt = namespace?.receipt;
  const waiting = receipt === undefined ? nowMs - atUnixMs < namespaceReceiptMs : receipt.status !== "True";
  const done = captured === pods && !(pods > 0 && waiting);
  const message = `${captured} of ${pods} pods of ${step.ref.name} are in the mesh`;
  return inPods(done ? "True" : "Unknown", "PodsCaptured", message, captured, pods);
}

function readDeployment({ step }: Written, { cluster }: ReceiptDeps): Entry {
  const live = cluster.get("Deployment", step.ref.namespace, step.ref.name);
  const wanted = (step.after?.spec as { replicas?: number } | undefined)?.replicas ?? 1;
  const ready = Math.min(wanted, live?.status?.readyReplicas ?? 0);
  const message = `${ready} of ${wanted} pods of ${step.ref.name} are ready`;
  return inPods(ready >= wanted ? "True" : "Unknown", "PodsReady", message, ready, wanted);
}

/**
 * There is no condition to read: a proxy that applied configuration since has heard. One that has not, though it is
 * connected and told so later, had nothing to apply.
 */
function heardSince({ step, atUnixMs }: Written, all: readonly Proxy[], what: string, nowMs: number): Entry {
  const settled = nowMs - atUnixMs > removalSettleMs;
  const applied = all.filter(({ lastAppliedUnixMs }) => lastAppliedUnixMs >= atUnixMs);
  const idle = all.filter(
    (proxy) => !applied.includes(proxy) && settled && proxy.seenUnixMs > atUnixMs + removalHeardMs,
  );
  const done = applied.length + idle.length;
  return {
    status: done === all.length ? "True" : "Unknown",
    reason: step.after === undefined ? "Removed" : "Heard",
    message: `${resourceName(step.ref)} ${what} ${done} of ${all.length} proxies`,
    enforced: done,
    total: all.length,
    unit: "proxies",
    afterMs: Math.round(Math.max(0, ...applied.map(({ lastAppliedUnixMs }) => lastAppliedUnixMs - atUnixMs))),
  };
}

type Proxy = ProxyStatus & { readonly seenUnixMs: number };

/** What a proxy said last is remembered for a while: one whose pod is gone answers no more, and nobody waits for it. */
function connected({ telemetry, inventory }: ReceiptDeps): Proxy[] {
  const pods = new Set(inventory.current.pods.map(({ name, namespace }) => `${name}.${namespace}`));
  return [...telemetry.proxies.values()].filter(
    ({ xdsConnected, kind, proxy }) => xdsConnected && (kind === "agent" || pods.has(proxy)),
  );
}
const agents = (deps: ReceiptDeps): Proxy[] => connected(deps).filter(({ kind }) => kind === "agent");

/** A policy of a gateway is read by that namespace's gateways, any other by all agents. */
function proxiesFor({ ref, before }: ResourceStep, deps: ReceiptDeps): Proxy[] {
  const { targetRefs } = (before?.spec ?? {}) as { readonly targetRefs?: unknown };
  return targetRefs === undefined
    ? agents(deps)
    : connected(deps).filter(({ kind, proxy }) => kind !== "agent" && proxy.endsWith(`.${ref.namespace}`));
}

const entry = (status: Entry["status"], reason: string, message: string): Entry => ({
  status,
  reason,
  message,
  enforced: 0,
  total: 0,
  unit: "proxies",
  afterMs: undefined,
});
const accepted = (message: string): Entry => ({ ...entry("True", "Accepted", message), afterMs: 0 });
const inPods = (status: Entry["status"], reason: string, message: string, enforced: number, total: number): Entry => ({
  ...entry(status, reason, message),
  enforced,
  total,
  unit: "pods",
});
