import type { SignedIn } from "@/server/auth/signed-in.ts";
import type { Approval, ChangeDetails, ChangeState, ChangeSummary, Receipt } from "@/server/contracts/changes.ts";
import { changeState, overwrittenEdit, probeResult, receipt } from "@/server/contracts/changes.ts";
import { pathSlug } from "@/server/contracts/golden-paths/slug.ts";
import { finding, impact } from "@/server/contracts/golden-paths.ts";
import type { Database } from "@/server/db/client.ts";
import type { IntentChange } from "@/server/golden-paths/intent.ts";
import type { Probe } from "@/server/golden-paths/probe.ts";
import { mayDecideFor } from "./approvers.ts";
import { type Origin, origin, type Wish } from "./origin.ts";
import { type ResourceStep, toResourceChange } from "./proposal.ts";

/** Everything of a change that a list shows. */
export const changeParts = {
  author: true,
  undoOf: { select: { id: true, number: true } },
  undoneBy: { select: { id: true, number: true, state: true } },
  rollout: { select: { id: true, number: true } },
  approvals: { include: { decider: true }, orderBy: { team: "asc" } },
} as const;

export type ChangeRow = NonNullable<Awaited<ReturnType<typeof findRow>>>;
type EventRow = Awaited<ReturnType<Database["changeEvent"]["findMany"]>>[number];

export const findRow = (db: Database, id: string) => db.change.findUnique({ where: { id }, include: changeParts });

export const stateOf = (row: { readonly state: string }): ChangeState => changeState.parse(row.state);
// These columns are written by this folder only, from these very types.
export const intentsOf = (row: { readonly intents: unknown }): readonly IntentChange[] =>
  row.intents as readonly IntentChange[];
export const stepsOf = (row: { readonly resources: unknown }): readonly ResourceStep[] =>
  row.resources as readonly ResourceStep[];
export const probePlanOf = (row: { readonly probePlan: unknown }): readonly Probe[] =>
  row.probePlan as readonly Probe[];
export const originOf = (row: { readonly origin: unknown }): Origin => origin.parse(row.origin);
/** What it was made from, to propose it again. */
export const wishOf = (row: { readonly origin: unknown; readonly slug: string; readonly values: unknown }): Wish => ({
  origin: originOf(row),
  slug: pathSlug.parse(row.slug),
  // Checked against the form before it was stored.
  values: row.values as Wish["values"],
});
export const receiptOf = (row: { readonly receipt: unknown }): Receipt | null =>
  row.receipt === null ? null : receipt.parse(row.receipt);

/** Its resources are in the cluster: verified, or applied but not acknowledged by every proxy. */
export const isInPlace = (row: { readonly state: string; readonly receipt: unknown }): boolean =>
  row.state === "verified" || row.state === "applying" || (row.state === "failed" && row.receipt !== null);

/** What was said so far, as `person` sees it. */
const approvalsOf = (row: ChangeRow, person: SignedIn): Approval[] =>
  row.approvals.map(({ team, title, namespaces, state, decider, decidedAt, comment }) => ({
    team,
    title,
    namespaces,
    state: state === "approved" || state === "rejected" ? state : "waiting",
    by: decider === null ? null : { id: decider.id, name: decider.name, initials: decider.initials },
    atUnixMs: decidedAt?.getTime() ?? null,
    comment,
    mine: row.state === "waiting" && state === "waiting" && row.authorId !== person.id && mayDecideFor(person, team),
  }));

/** `blocked`: why it cannot be undone; empty when it can. */
export function toSummary(row: ChangeRow, blocked: string, person: SignedIn): ChangeSummary {
  const state = stateOf(row);
  const undoneBy = row.undoneBy.find((change) => change.state === "verified" || change.state === "applying");
  return {
    id: row.id,
    number: row.number,
    slug: pathSlug.parse(row.slug),
    title: row.title,
    sentence: row.sentence,
    state,
    author: { id: row.author.id, name: row.author.name, initials: row.author.initials },
    namespaces: row.namespaces,
    reason: row.reason,
    createdUnixMs: row.createdAt.getTime(),
    finishedUnixMs: row.finishedAt?.getTime() ?? null,
    leadTimeMs:
      (state === "verified" || state === "undone") && row.finishedAt !== null
        ? Math.max(0, row.finishedAt.getTime() - row.openedAt.getTime())
        : null,
    receipt: receiptOf(row),
    undoOf: row.undoOf,
    undoneBy: undoneBy === undefined ? null : { id: undoneBy.id, number: undoneBy.number },
    rollout: row.rollout,
    undoable: blocked === "",
    undoBlockedBecause: blocked,
    failure: row.failure,
    approvals: approvalsOf(row, person),
    etag: state === "waiting" ? row.etag : "",
    expiresUnixMs: state === "waiting" ? (row.expiresAt?.getTime() ?? null) : null,
    withdrawable: state === "waiting" && row.authorId === person.id,
    probes: probeResult.array().parse(row.probeResults),
  };
}

export function toDetails(
  row: ChangeRow,
  events: readonly EventRow[],
  blocked: string,
  person: SignedIn,
): ChangeDetails {
  return {
    ...toSummary(row, blocked, person),
    values: (row.values ?? {}) as Record<string, unknown>,
    findings: finding.array().parse(row.findings),
    resources: stepsOf(row).map(toResourceChange),
    overwritten: overwrittenEdit.array().parse(row.overwritten),
    impact: impact.parse(row.impact),
    events: events.map(({ sequence, time, level, text }) => ({
      sequence,
      timeUnixMs: time.getTime(),
      level: level === "warning" || level === "error" ? level : "info",
      text,
    })),
  };
}
