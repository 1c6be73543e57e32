import { capabilitiesOf, namespacesRefused, type SignedIn } from "@/server/auth/signed-in.ts";
import type { ChangeDetails, ChangeState, ChangeSummary, Receipt } from "@/server/contracts/changes.ts";
import { changeState, receipt } from "@/server/contracts/changes.ts";
import { pathSlug } from "@/server/contracts/golden-paths/slug.ts";
import { finding, impact } from "@/server/contracts/golden-paths.ts";
import type { Role } from "@/server/contracts/me.ts";
import type { Database } from "@/server/db/client.ts";
import type { IntentChange } from "@/server/golden-paths/intent.ts";
import { type ResourceStep, toResourceChange } from "./proposal.ts";

/** Everything of a change that a list shows. */
export const changeParts = {
  author: true,
  undoOf: { select: { id: true, number: true } },
  undoneBy: { select: { id: true, number: true, state: true } },
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
export const receiptOf = (row: { readonly receipt: unknown }): Receipt | null =>
  row.receipt === null ? null : receipt.parse(row.receipt);

/** What undoing depends on. */
export interface UndoFacts {
  readonly number: number;
  readonly state: string;
  readonly intents: unknown;
  readonly undoOfNumber: number | undefined;
  readonly inPlace: boolean;
}

/**
 * Why a change cannot be undone; empty when it can. Only the newest change of a target can: what came later stands on
 * it. Later changes that were taken back do not count, nor do the changes that took them back.
 */
export function undoBlocked(row: ChangeRow, all: readonly UndoFacts[], person: SignedIn | undefined): string {
  const state = stateOf(row);
  if (state === "undone") {
    return "It was undone already.";
  }
  if (state === "applying") {
    return "It is still being applied.";
  }
  if (!isInPlace(row)) {
    return "Nothing of it is in place.";
  }
  const keys = new Set(intentsOf(row).map(({ key }) => key));
  const later = all.find(
    (other) =>
      other.number > row.number &&
      other.inPlace &&
      !(other.undoOfNumber !== undefined && other.undoOfNumber > row.number) &&
      intentsOf(other).some(({ key }) => keys.has(key)),
  );
  if (later !== undefined) {
    return `Change ${later.number} came after it and touches the same. Undo that one first.`;
  }
  if (person !== undefined) {
    if (!capabilitiesOf(person).preview) {
      return `Your role (${(person.roles as readonly Role[]).join(", ")}) does not allow it.`;
    }
    const refused = namespacesRefused(person, row.namespaces);
    if (refused.length > 0) {
      return `You may not change ${refused.join(", ")}.`;
    }
  }
  return "";
}

/** Its resources are in the cluster: verified, or applied but not acknowledged by every proxy. */
export const isInPlace = (row: { readonly state: string; readonly receipt: unknown }): boolean =>
  row.state === "verified" || row.state === "applying" || (row.state === "failed" && row.receipt !== null);

export function toSummary(row: ChangeRow, blocked: string): ChangeSummary {
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
    undoable: blocked === "",
    undoBlockedBecause: blocked,
    failure: row.failure,
    approvals: [],
    expiresUnixMs: null,
    withdrawable: false,
    probes: [],
  };
}

export function toDetails(row: ChangeRow, events: readonly EventRow[], blocked: string): ChangeDetails {
  return {
    ...toSummary(row, blocked),
    values: (row.values ?? {}) as Record<string, unknown>,
    findings: finding.array().parse(row.findings),
    resources: stepsOf(row).map(toResourceChange),
    impact: impact.parse(row.impact),
    events: events.map(({ sequence, time, level, text }) => ({
      sequence,
      timeUnixMs: time.getTime(),
      level: level === "warning" || level === "error" ? level : "info",
      text,
    })),
  };
}
