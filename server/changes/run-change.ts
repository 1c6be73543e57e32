import type { Receipt } from "@/server/contracts/changes.ts";
import { databaseNull, type Transaction, toJson } from "@/server/db/client.ts";
import { intentNamespace } from "@/server/golden-paths/intent.ts";
import { addEvent } from "./add-event.ts";
import { failureText, isApplyError } from "./apply-error.ts";
import { applySteps, type StepNotice } from "./apply-steps.ts";
import type { ChangeNotifier } from "./change-events.ts";
import { type ChangeRow, intentsOf, originOf, probePlanOf, stepsOf } from "./change-row.ts";
import type { ChangeDeps } from "./deps.ts";
import { endsAccess, noteEndFailure } from "./overdue-ends.ts";
import { readReceipt } from "./receipt.ts";
import type { Written } from "./receipt-entry.ts";
import { standingRoutes } from "./standing-routes.ts";

const policyReceiptMs = 20_000;
const joinReceiptMs = 60_000;
const pollMs = 250;

/**
 * Takes a change that is `applying` to its end: write, remember the intents, wait for the proxies' word. Everything it
 * needs is in its row, so it can be run again after a crash. `afterWrite` is called when no more is written.
 */
export async function runChange(
  row: ChangeRow,
  deps: ChangeDeps,
  notifier: ChangeNotifier,
  afterWrite: () => Promise<void>,
): Promise<void> {
  const { db } = deps;
  const notify = async ({ level, text }: StepNotice): Promise<void> => {
    await addEvent(db, row.id, level, text);
    notifier.moved(row.id);
  };
  const startedAt = row.appliedAt ?? new Date();
  let written: Written[];
  try {
    await db.change.update({ where: { id: row.id }, data: { appliedAt: startedAt } });
    const options = { force: row.force, keep: staysAsItIs(row) };
    written = await applySteps({ ...deps, target: deps.config.target }, stepsOf(row), options, notify);
    if (originOf(row).kind === "rollout") {
      written.push(...(await standingRoutes(stepsOf(row), deps.cluster)));
    }
    // Where this fails, it is written and not remembered: it stays "applying" and is run again.
    await saveIntents(row, deps);
  } catch (error) {
    if (!isApplyError(error)) {
      throw error;
    }
    await finish(row, deps, {
      state: "failed",
      failure: failureText(error.message, error.aftermath, row.rolloutId !== null),
    });
    notifier.moved(row.id);
    return;
  } finally {
    await afterWrite();
  }
  const receipt = await awaitReceipt(written, deps, startedAt.getTime(), async (soFar) => {
    await db.change.update({ where: { id: row.id }, data: { receipt: toJson(soFar) } });
    notifier.moved(row.id);
  });
  await finish(row, deps, {
    state: receipt.complete ? "verified" : "failed",
    failure: failureOf(receipt),
    receipt,
  });
  notifier.moved(row.id);
}

/** Half of it is better than none: access that is taken away, a release that goes back. */
function staysAsItIs(row: ChangeRow): boolean {
  const from = originOf(row);
  return from.kind === "rollout"
    ? from.back
    : from.kind === "end" && intentsOf(row).every(({ before }) => before === undefined || endsAccess(before));
}

function failureOf(receipt: Receipt): string {
  if (receipt.complete) {
    return "";
  }
  const refused = receipt.resources.find(({ status }) => status === "False");
  if (refused === undefined) {
    const pending = receipt.resources.find(({ status }) => status !== "True");
    const detail = pending === undefined ? "" : ` ${pending.message}.`;
    return `It was written, but ${receipt.total - receipt.enforced} of ${receipt.total} ${receipt.unit} did not confirm it in time.${detail} See the Mesh page, or undo it.`;
  }
  return refused.reason === "Rejected"
    ? `It was written, but a proxy rejected it: ${refused.message}. Undo it, and look at the Mesh page.`
    : `It was written, but a part of it does nothing: ${refused.message}. Undo it, or mend that first.`;
}

async function saveIntents(row: ChangeRow, { db }: ChangeDeps): Promise<void> {
  await db.$transaction(async (within) => {
    for (const { key, after } of intentsOf(row)) {
      if (after === undefined) {
        await within.intent.deleteMany({ where: { key } });
      } else {
        const values = toJson(after);
        await within.intent.upsert({
          where: { key },
          create: { key, slug: after.slug, namespace: intentNamespace(after), values, changeId: row.id },
          update: { values, changeId: row.id, endTries: 0, endFailure: "", endRetryAt: null },
        });
      }
    }
  });
}

interface End {
  readonly state: "verified" | "failed";
  readonly failure: string;
  readonly receipt?: Receipt;
}

/** State, history and audit in one: after a crash either all of it is there, or the change is run again. */
async function finish(row: ChangeRow, deps: ChangeDeps, end: End): Promise<void> {
  await deps.db.$transaction((within) => finishWithin(within, row, deps, end));
}

async function finishWithin(
  within: Transaction,
  row: ChangeRow,
  { audit }: ChangeDeps,
  { state, failure, receipt }: End,
): Promise<void> {
  const { count } = await within.change.updateMany({
    where: { id: row.id, state: "applying" },
    data: {
      state,
      failure,
      finishedAt: new Date(),
      receipt: receipt === undefined ? databaseNull : toJson(receipt),
      probesPending: state === "verified" && probePlanOf(row).length > 0,
    },
  });
  if (count === 0) {
    return;
  }
  if (receipt !== undefined) {
    await addEvent(within, row.id, receipt.complete ? "info" : "warning", receipt.message);
  }
  const from = originOf(row);
  if (from.kind === "end" && state === "failed" && receipt === undefined) {
    await noteEndFailure(within, from.key, failure, Date.now());
  }
  if (row.undoOfId !== null && receipt !== undefined) {
    await within.change.update({ where: { id: row.undoOfId }, data: { state: "undone" } });
  }
  await audit(
    {
      actor: row.author,
      action: state === "verified" ? "change-verified" : "change-failed",
      object: `change ${row.number}`,
      outcome: state === "verified" ? "done" : "failed",
      detail: state === "verified" ? (receipt?.message ?? "") : failure,
    },
    within,
  );
}

/** Waits until every proxy acknowledged, one refused, or the time is over. */
async function awaitReceipt(
  written: readonly Written[],
  deps: ChangeDeps,
  startedUnixMs: number,
  onProgress: (receipt: Receipt) => Promise<void>,
): Promise<Receipt> {
  const joins = written.some(({ step }) => step.ref.kind === "Namespace");
  const deadline = Date.now() + (joins ? joinReceiptMs : policyReceiptMs);
  const source = { ...deps, target: deps.config.target };
  let shown = "";
  for (;;) {
    const moved = Promise.withResolvers<void>();
    const unsubscribe = deps.cluster.onChange(() => moved.resolve());
    const timer = setTimeout(() => moved.resolve(), pollMs);
    try {
      const receipt = readReceipt(written, source, startedUnixMs, Date.now());
      const rejected = receipt.resources.some(({ status, reason }) => status === "False" && reason === "Rejected");
      if (receipt.complete || rejected || Date.now() > deadline) {
        return receipt;
      }
      const text = `${receipt.enforced}/${receipt.total}`;
      if (text !== shown) {
        shown = text;
        await onProgress(receipt);
      }
      // Pods are in the cluster's copy, removals in telemetry: whichever comes first.
      await moved.promise;
    } finally {
      clearTimeout(timer);
      unsubscribe();
    }
  }
}
