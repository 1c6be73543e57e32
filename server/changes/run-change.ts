import { isClusterError } from "@/server/cluster/errors.ts";
import type { Receipt } from "@/server/contracts/changes.ts";
import { databaseNull, toJson } from "@/server/db/client.ts";
import { intentNamespace } from "@/server/golden-paths/intent.ts";
import { applySteps, type StepNotice } from "./apply-steps.ts";
import type { ChangeNotifier } from "./change-events.ts";
import { type ChangeRow, intentsOf, stepsOf } from "./change-row.ts";
import type { ChangeDeps } from "./deps.ts";
import { readReceipt, type Written } from "./receipt.ts";

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
  force: boolean,
  afterWrite: () => Promise<void>,
): Promise<void> {
  const { db, cluster } = deps;
  let sequence = await db.changeEvent.count({ where: { changeId: row.id } });
  const notice = async ({ level, text }: StepNotice): Promise<void> => {
    await db.changeEvent.create({ data: { changeId: row.id, sequence: sequence++, level, text } });
    notifier.moved(row.id);
  };
  const startedAt = row.appliedAt ?? new Date();
  let written: Written[];
  try {
    await db.change.update({ where: { id: row.id }, data: { appliedAt: startedAt } });
    written = await applySteps(cluster, stepsOf(row), force, notice);
    await saveIntents(row, deps);
  } catch (error) {
    const reason = isClusterError(error) ? error.message : String(error);
    await finish(row, deps, { state: "failed", failure: `${reason} Everything is as it was before.` });
    notifier.moved(row.id);
    return;
  } finally {
    await afterWrite();
  }
  const receipt = await awaitReceipt(written, deps, startedAt.getTime(), async (soFar) => {
    await db.change.update({ where: { id: row.id }, data: { receipt: toJson(soFar) } });
    notifier.moved(row.id);
  });
  await notice({ level: receipt.complete ? "info" : "warning", text: receipt.message });
  const rejected = receipt.resources.find(({ status }) => status === "False");
  const failure = receipt.complete
    ? ""
    : rejected === undefined
      ? `It was written, but ${receipt.total - receipt.enforced} of ${receipt.total} ${receipt.unit} did not confirm it in time. See the Mesh page, or undo it.`
      : `It was written, but a proxy rejected it: ${rejected.message}. Undo it, and look at the Mesh page.`;
  await finish(row, deps, { state: receipt.complete ? "verified" : "failed", failure, receipt });
  notifier.moved(row.id);
}

async function saveIntents(row: ChangeRow, { db }: ChangeDeps): Promise<void> {
  await db.$transaction(
    intentsOf(row).map(({ key, after }) =>
      after === undefined
        ? db.intent.deleteMany({ where: { key } })
        : db.intent.upsert({
            where: { key },
            create: {
              key,
              slug: after.slug,
              namespace: intentNamespace(after),
              values: toJson(after),
              changeId: row.id,
            },
            update: { values: toJson(after), changeId: row.id },
          }),
    ),
  );
}

async function finish(
  row: ChangeRow,
  { db, audit }: ChangeDeps,
  end: { state: "verified" | "failed"; failure: string; receipt?: Receipt },
): Promise<void> {
  await db.change.update({
    where: { id: row.id },
    data: {
      state: end.state,
      failure: end.failure,
      finishedAt: new Date(),
      receipt: end.receipt === undefined ? databaseNull : toJson(end.receipt),
    },
  });
  const inPlace = end.state === "verified" || end.receipt !== undefined;
  if (row.undoOfId !== null && inPlace) {
    await db.change.update({ where: { id: row.undoOfId }, data: { state: "undone" } });
  }
  await audit({
    actor: row.author,
    action: end.state === "verified" ? "change-verified" : "change-failed",
    object: `change ${row.number}`,
    outcome: end.state === "verified" ? "done" : "failed",
    detail: end.state === "verified" ? (end.receipt?.message ?? "") : end.failure,
  });
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
      await Promise.race([moved.promise, new Promise((resolve) => setTimeout(resolve, pollMs))]);
    } finally {
      unsubscribe();
    }
  }
}
