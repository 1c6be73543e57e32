/** The receipt of a change: what the proxies acknowledged of everything that was written. */
import type { Receipt } from "@/server/contracts/changes.ts";
import type { Entry } from "./entry.ts";
import { type ReceiptDeps, readEntry, type Written } from "./receipt-entry.ts";

/** What the proxies have acknowledged so far of what was written. */
export function readReceipt(
  written: readonly Written[],
  deps: ReceiptDeps,
  startedUnixMs: number,
  nowMs: number,
): Receipt {
  const entries = written.map((one) => ({ one, entry: readEntry(one, deps, startedUnixMs, nowMs) }));
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
