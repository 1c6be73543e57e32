/** A change on record: its row, who must agree, its first event and its audit entry, all or none. */

import type { SignedIn } from "@/server/auth/signed-in.ts";
import type { AuditAction } from "@/server/contracts/audit.ts";
import type { Impact } from "@/server/contracts/golden-paths.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import { toJson } from "@/server/db/client.ts";
import { listNames } from "@/server/golden-paths/path.ts";
import { canonical, resourceName } from "@/server/golden-paths/resource.ts";
import type { Approver } from "./approvers.ts";
import { type ChangeRow, findRow } from "./change-row.ts";
import type { ChangeDeps } from "./deps.ts";
import type { Planned } from "./desk.ts";
import { letSharesGo } from "./held-shares.ts";
import { touchedServices } from "./touched.ts";

export interface NewChange extends Planned {
  readonly impact: Impact;
  readonly author: SignedIn;
  readonly address: string;
  readonly openedUnixMs: number;
  readonly reason: string;
  readonly force: boolean;
  /** Nobody: it is applied at once. */
  readonly approvers: readonly Approver[];
  readonly approvalHours: number;
  /** The freeze that it breaks; undefined without one. */
  readonly breaks: string | undefined;
}

/** Columns that say what would be written. */
export const contentOf = ({ proposal, touched }: Planned, impact: Impact) => ({
  namespaces: [...touched],
  services: touchedServices(proposal.filled.plan.services, proposal.steps),
  intents: toJson(proposal.intentChanges),
  resources: toJson(proposal.steps),
  findings: toJson(proposal.filled.findings),
  overwritten: toJson(proposal.conflicts),
  impact: toJson(impact),
  etag: proposal.etag,
  probePlan: toJson(proposal.filled.probes),
});

/** Durable when it comes back. */
export async function createChange(made: NewChange, { db, audit }: ChangeDeps): Promise<ChangeRow> {
  const { wish, proposal, author, approvers, reason, breaks } = made;
  const now = Date.now();
  const waits = approvers.length > 0;
  const id = await db.$transaction(async (within) => {
    const row = await within.change.create({
      data: {
        slug: wish.slug,
        title: proposal.filled.title,
        sentence: proposal.filled.sentence,
        state: waits ? "waiting" : "applying",
        authorId: author.id,
        values: toJson(wish.values),
        reason,
        origin: toJson(wish.origin),
        force: made.force,
        ...contentOf(made, made.impact),
        undoOfId: wish.origin.kind === "undo" ? wish.origin.changeId : null,
        rolloutId: wish.origin.kind === "rollout" ? wish.origin.rolloutId : null,
        expiresAt: waits ? new Date(now + made.approvalHours * 3_600_000) : null,
        // A form cannot have been opened in the future, nor a change take longer than a month.
        openedAt: new Date(Math.min(now, Math.max(made.openedUnixMs, now - 30 * 24 * 3_600_000))),
        approvals: {
          create: approvers.map(({ team, title, namespaces }) => ({ team, title, namespaces: [...namespaces] })),
        },
        events: { create: firstEvents(made).map((event, sequence) => ({ sequence, ...event })) },
      },
    });
    // It says itself what they are from now on.
    for (const service of newShares(made)) {
      await letSharesGo(within, service);
    }
    await audit(
      {
        actor: author,
        action: actionOf(made),
        object: `change ${row.number}: ${row.title}`,
        outcome: "done",
        detail: [
          reason,
          ...overwriting(made).map(({ text }) => text),
          breaks === undefined ? "" : `Breaks a freeze. ${breaks}`,
          waits ? `Waits for ${namesOf(approvers)}` : "",
        ]
          .filter((text) => text !== "")
          .join(" · "),
        address: made.address,
      },
      within,
    );
    return row.id;
  });
  const row = await findRow(db, id);
  if (row === null) {
    throw new Error(`change ${id} is gone right after it was made`);
  }
  return row;
}

/** Services whose shares are what this change says; one that only writes them again says nothing new. */
const newShares = ({ wish, proposal }: NewChange): ServiceRef[] =>
  proposal.intentChanges.flatMap(({ before, after }) => {
    const shares = after ?? before;
    const says = wish.origin.kind === "rollout" || canonical(before ?? null) !== canonical(after ?? null);
    return shares?.slug === "release-a-version" && says ? [shares.service] : [];
  });

const namesOf = (approvers: readonly Approver[]): string => listNames(approvers.map(({ title }) => title));

function firstEvents(made: NewChange): { level: string; text: string }[] {
  const { approvers, breaks, reason, author } = made;
  return [
    ...(breaks === undefined
      ? []
      : [
          {
            level: "warning",
            text: `${author.name} changes it during a freeze${reason === "" ? "" : `: ${reason}`}. ${breaks}`,
          },
        ]),
    ...overwriting(made),
    ...(approvers.length === 0 ? [] : [{ level: "info", text: `Waits for ${namesOf(approvers)}` }]),
  ];
}

/** Whose edits it writes over, or leaves where they let nobody in. */
const overwriting = ({ wish, proposal: { conflicts, steps } }: NewChange): { level: string; text: string }[] =>
  conflicts.map(({ resource, by, live }) => {
    const step = steps.find(({ ref }) => resourceName(ref) === resource);
    const who = by === "" ? "somebody" : by;
    const stays =
      wish.origin.kind === "end" &&
      (step === undefined || canonical(step.before?.spec ?? null) === canonical(step.after?.spec ?? null));
    const text =
      live === ""
        ? `${resource} was removed by ${who}${stays ? ": it stays so" : " and is written again"}`
        : stays
          ? `${resource} was edited by ${who}: it stays as it is, since it lets nobody in`
          : `Overwrites what ${who} edited of ${resource}; that version is kept with this change`;
    return { level: "warning", text };
  });

const actionOf = ({ wish, approvers }: NewChange): AuditAction =>
  approvers.length > 0 ? "change-propose" : wish.origin.kind === "undo" ? "change-undo" : "change-apply";
