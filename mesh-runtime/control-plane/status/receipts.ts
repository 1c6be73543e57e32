import { enforcedCondition } from "../../api/conditions.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { condition, type WantedCondition } from "../translate/conditions.ts";
import type { ProxyStream } from "../xds-server/proxy-stream.ts";
import { type Delivery, deliveryOf } from "./delivery.ts";
import type { ReceiptItem } from "./receipt-item.ts";

/** How long an answer may take before "waiting" is written down, in milliseconds: usually it comes first. */
const patienceMs = 200;

/** What to write for one object now. */
export type ReceiptView =
  /** Too early to say; ask again at `atMs`. */
  | { readonly kind: "undecided"; readonly atMs: number }
  /** `settledBefore`: nothing changed since this process started, so an older True with its figures may stand. */
  | { readonly kind: "condition"; readonly condition: WantedCondition; readonly settledBefore: boolean };

interface Receipt {
  item: ReceiptItem;
  sinceMs: number;
  /** Set once all proxies confirmed; stays until the content changes or a proxy refuses. */
  enforced: WantedCondition | undefined;
  readonly atStart: boolean;
}

export interface Receipts {
  /** New items after a translation; `changedAtMs` is when the change was noticed. */
  update(items: readonly ReceiptItem[], changedAtMs: number): void;
  /** Looks at what the proxies have confirmed by now. */
  view(key: string, streams: readonly ProxyStream[], snapshot: Snapshot, nowMs: number): ReceiptView | undefined;
}

/** Follows every item from change to confirmation. */
export function createReceipts(): Receipts {
  let receipts = new Map<string, Receipt>();
  let started = false;
  return {
    update(items, changedAtMs) {
      const next = new Map<string, Receipt>();
      for (const item of items) {
        const before = receipts.get(item.key);
        if (
          before !== undefined &&
          before.item.fingerprint === item.fingerprint &&
          before.item.generation === item.generation
        ) {
          before.item = item;
          next.set(item.key, before);
        } else {
          next.set(item.key, { item, sinceMs: changedAtMs, enforced: undefined, atStart: !started });
        }
      }
      receipts = next;
      started = true;
    },
    view(key, streams, snapshot, nowMs) {
      const receipt = receipts.get(key);
      if (receipt === undefined) {
        return undefined;
      }
      const settledBefore = receipt.atStart && receipt.item.unfinished === undefined;
      const delivery = deliveryOf(receipt.item, streams, snapshot);
      const decided = decide(receipt, delivery, nowMs);
      if (decided !== undefined) {
        return { kind: "condition", condition: decided, settledBefore };
      }
      const atMs = receipt.sinceMs + patienceMs;
      return nowMs < atMs
        ? { kind: "undecided", atMs }
        : { kind: "condition", condition: waiting(receipt.item, delivery), settledBefore };
    },
  };
}

function decide(receipt: Receipt, delivery: Delivery, nowMs: number): WantedCondition | undefined {
  const { item } = receipt;
  if (delivery.rejected !== undefined) {
    receipt.enforced = undefined;
    const { proxy, error } = delivery.rejected;
    return condition(enforcedCondition, "False", "Rejected", `rejected by ${proxy}: ${error}`.slice(0, 1_024));
  }
  if (receipt.enforced !== undefined) {
    return receipt.enforced;
  }
  if (item.unfinished !== undefined || delivery.confirmed < delivery.proxies) {
    return undefined;
  }
  if (delivery.proxies === 0 && item.carriers.length > 0) {
    return undefined;
  }
  const elapsedMs = Math.max(0, nowMs - receipt.sinceMs);
  receipt.enforced = condition(
    enforcedCondition,
    "True",
    "AllProxiesInSync",
    `enforced on ${delivery.confirmed} of ${delivery.proxies} proxies after ${elapsedMs} ms`,
  );
  return receipt.enforced;
}

function waiting({ unfinished }: ReceiptItem, { proxies, confirmed, waitingFor }: Delivery): WantedCondition {
  const message =
    unfinished ??
    (proxies === 0
      ? "no proxy that would enforce this is connected"
      : `enforced on ${confirmed} of ${proxies} proxies; waiting for ${waitingFor.slice(0, 5).join(", ")}`);
  return condition(enforcedCondition, "Unknown", "WaitingForProxies", message);
}
