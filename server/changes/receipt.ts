import type { ProxyStatus } from "@/mesh-runtime/api/telemetry.ts";
import type { Cluster } from "@/server/cluster/cluster.ts";
import type { Receipt } from "@/server/contracts/changes.ts";
import { resourceName } from "@/server/golden-paths/resource.ts";
import { toEnforced } from "@/server/inventory/build.ts";
import { dataplaneModeLabel } from "@/server/inventory/labels.ts";
import type { LiveInventory } from "@/server/inventory/live-inventory.ts";
import type { EnforcedCondition } from "@/server/inventory/model.ts";
import type { TelemetryMemory } from "@/server/telemetry/memory.ts";
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
}

/** A namespace's receipt comes a moment after its pods; longer than this and the target writes none. */
const namespaceReceiptMs = 3_000;
/** Istio writes no such condition: acceptance must do. */
const foreignReceiptMs = 5_000;

/** Proxies hear of a removal within milliseconds and tell their state once a second. */
const removalSettleMs = 2_500;
const removalHeardMs = 1_500;

interface Entry {
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
  readonly enforced: number;
  readonly total: number;
  readonly unit: "proxies" | "pods";
  readonly afterMs: number | undefined;
}

/** What the proxies have acknowledged so far of what was written. */
export function readReceipt(
  written: readonly Written[],
  deps: ReceiptDeps,
  startedUnixMs: number,
  nowMs: number,
): Receipt {
  const entries = written.map((one) => ({ one, entry: readOne(one, deps, startedUnixMs, nowMs) }));
  const complete = entries.every(({ entry }) => entry.status === "True");
  const units = new Set(entries.map(({ entry }) => entry.unit));
  const unit = units.has("proxies") ? "proxies" : "pods";
  const counted = entries.filter(({ entry }) => entry.unit === unit).map(({ entry }) => entry);
  // Pods of several namespaces add up; proxies are the same ones for every resource.
  const total =
    unit === "pods" ? sum(counted, ({ total: of }) => of) : Math.max(0, ...counted.map((entry) => entry.total));
  const enforced =
    unit === "pods"
      ? sum(counted, (entry) => entry.enforced)
      : Math.min(
          total,
          ...counted.filter((entry) => entry.total > 0).map((entry) => total - (entry.total - entry.enforced)),
        );
  const told = entries.map(({ entry }) => entry.afterMs);
  const afterMs = told.every((ms) => ms !== undefined) ? Math.max(0, ...told) : nowMs - startedUnixMs;
  return {
    complete,
    enforced,
    total,
    unit,
    afterMs,
    message:
      total === 0 && complete
        ? `In force after ${afterMs} ms`
        : `${complete ? "Enforced" : "Waiting: enforced"} on ${enforced} of ${total} ${unit}${complete ? ` after ${afterMs} ms` : ""}`,
    resources: entries.map(({ one, entry }) => ({
      resource: one.step.ref,
      status: entry.status,
      reason: entry.reason,
      message: entry.message,
    })),
  };
}

const sum = (entries: readonly Entry[], of: (entry: Entry) => number): number =>
  entries.reduce((total, entry) => total + of(entry), 0);

function readOne(written: Written, deps: ReceiptDeps, startedUnixMs: number, nowMs: number): Entry {
  const { step } = written;
  if (step.ref.kind === "Namespace") {
    return readNamespace(written, deps, nowMs);
  }
  if (step.after === undefined) {
    return readRemoval(written, deps, nowMs);
  }
  const kind = step.ref.kind === "PeerAuthentication" ? "PeerAuthentication" : "AuthorizationPolicy";
  const live = deps.cluster.get(kind, step.ref.namespace, step.ref.name);
  const condition = live === undefined ? undefined : toEnforced(live);
  if (condition !== undefined && condition.observedGeneration >= written.generation) {
    return fromCondition(condition);
  }
  if (deps.target === "kubernetes" && nowMs - startedUnixMs > foreignReceiptMs) {
    return entry("True", "NoReceipt", "This target tells no receipt; the resource was accepted", 0, 0, "proxies");
  }
  return entry(
    "Unknown",
    "WaitingForProxies",
    `No word yet about ${resourceName(step.ref)}`,
    0,
    agents(deps).length,
    "proxies",
  );
}

/** "enforced on 3 of 3 proxies after 38 ms" */
function fromCondition({ status, reason, message }: EnforcedCondition): Entry {
  const [, enforced, total, afterMs] =
    /enforced on (\d+) of (\d+) prox(?:y|ies)(?: after (\d+(?:\.\d+)?) ms)?/.exec(message) ?? [];
  return {
    status,
    reason,
    message,
    enforced: Number(enforced ?? 0),
    total: Number(total ?? 0),
    unit: "proxies",
    afterMs: afterMs === undefined ? undefined : Math.round(Number(afterMs)),
  };
}

function readNamespace({ step, atUnixMs }: Written, { inventory }: ReceiptDeps, nowMs: number): Entry {
  const namespace = inventory.current.namespaces.find(({ name }) => name === step.ref.name);
  const { captured, pods } = namespace?.enrolment ?? { captured: 0, pods: 0 };
  const joins = step.after?.metadata.labels?.[dataplaneModeLabel] !== undefined;
  if (!joins) {
    const left = pods - captured;
    return entry(
      captured === 0 ? "True" : "Unknown",
      "PodsReleased",
      `${left} of ${pods} pods left the mesh`,
      left,
      pods,
      "pods",
    );
  }
  const receipt = namespace?.receipt;
  const waiting = receipt === undefined ? nowMs - atUnixMs < namespaceReceiptMs : receipt.status !== "True";
  const done = captured === pods && !(pods > 0 && waiting);
  return entry(
    done ? "True" : "Unknown",
    "PodsCaptured",
    `${captured} of ${pods} pods of ${step.ref.name} are in the mesh`,
    captured,
    pods,
    "pods",
  );
}

/**
 * There is no object left to carry a condition: a proxy that applied configuration since has taken the rule out. One
 * that has not, though it is connected and told so later, had nothing to take out.
 */
function readRemoval({ step, atUnixMs }: Written, deps: ReceiptDeps, nowMs: number): Entry {
  const all = proxiesFor(step, deps);
  const settled = nowMs - atUnixMs > removalSettleMs;
  const applied = all.filter(({ lastAppliedUnixMs }) => lastAppliedUnixMs >= atUnixMs);
  const idle = all.filter(
    (proxy) => !applied.includes(proxy) && settled && proxy.seenUnixMs > atUnixMs + removalHeardMs,
  );
  const done = applied.length + idle.length;
  return {
    ...entry(
      done === all.length ? "True" : "Unknown",
      "Removed",
      `${resourceName(step.ref)} is out of force on ${done} of ${all.length} proxies`,
      done,
      all.length,
      "proxies",
    ),
    afterMs: Math.round(Math.max(0, ...applied.map(({ lastAppliedUnixMs }) => lastAppliedUnixMs - atUnixMs))),
  };
}

type Proxy = ProxyStatus & { readonly seenUnixMs: number };

const connected = ({ telemetry }: ReceiptDeps): Proxy[] =>
  [...telemetry.proxies.values()].filter(({ xdsConnected }) => xdsConnected);
const agents = (deps: ReceiptDeps): Proxy[] => connected(deps).filter(({ kind }) => kind === "agent");

/** A policy of a gateway is read by that namespace's gateways, any other by all agents. */
function proxiesFor({ ref, before }: ResourceStep, deps: ReceiptDeps): Proxy[] {
  const { targetRefs } = (before?.spec ?? {}) as { readonly targetRefs?: unknown };
  return targetRefs === undefined
    ? agents(deps)
    : connected(deps).filter(({ kind, proxy }) => kind !== "agent" && proxy.endsWith(`.${ref.namespace}`));
}

const entry = (
  status: Entry["status"],
  reason: string,
  message: string,
  enforced: number,
  total: number,
  unit: Entry["unit"],
): Entry => ({ status, reason, message, enforced, total, unit, afterMs: undefined });
