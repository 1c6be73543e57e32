/** What people tell a release: on record first, then at once in the cluster where calls must leave the new version. */
import type { SignedIn } from "@/server/auth/signed-in.ts";
import type { Asker } from "@/server/changes/changes.ts";
import type { ActionRequest, RolloutAction } from "@/server/contracts/rollouts.ts";
import { owningStates } from "@/server/contracts/rollouts.ts";
import type { Database, Transaction } from "@/server/db/client.ts";
import { PortalError } from "@/server/errors.ts";
import { mustMay, whyNotAct } from "./access.ts";
import type { DriverDeps } from "./driver/deps.ts";
import type { Driver } from "./driver/driver.ts";
import { readyPodsOf } from "./driver/ready-pods.ts";
import { totalsOf } from "./driver/totals.ts";
import { type Command, obey, whyNot } from "./machine/command.ts";
import { mustKeepLimits, promoteOverLimit, readShareLimit } from "./release-limits.ts";
import { mustHaveRoom, oneAtATime } from "./start.ts";
import { createRelease } from "./store/create.ts";
import { findRollout, type RolloutRow, releaseOf, specOf } from "./store/rows.ts";
import { takeBackUnread } from "./store/take-back-unread.ts";
import { transition } from "./store/transition.ts";
import { isReadable, unreadableRelease } from "./store/unreadable.ts";
import { undoMovedOn } from "./undo-left.ts";

export async function findRelease(db: Database | Transaction, id: string): Promise<RolloutRow> {
  const row = /^[0-9a-f-]{36}$/.test(id) ? await findRollout(db, id) : null;
  if (row === null) {
    throw new PortalError("not-found", "There is no such release. The list of releases has them all.");
  }
  return row;
}

/** What came after it: one on its way, or one that completed. */
const findLater = (
  row: Pick<RolloutRow, "id" | "namespace" | "service" | "startedAt" | "createdAt">,
  db: Database | Transaction,
): Promise<{ readonly number: number; readonly state: string } | null> =>
  db.rollout.findFirst({
    where: {
      namespace: row.namespace,
      service: row.service,
      id: { not: row.id },
      OR: [
        { state: { in: [...owningStates] } },
        { state: "completed", startedAt: { gt: row.startedAt ?? row.createdAt } },
      ],
    },
    orderBy: { number: "desc" },
    select: { number: true, state: true },
  });

const cameAfter = (number: number): string => `Release ${number} came after it. Undo that one first.`;

/** Why what it left behind can only be taken back by somebody who decides about a later release; empty otherwise. */
export async function undoOvertaken(row: Parameters<typeof findLater>[0], db: Database | Transaction): Promise<string> {
  const later = await findLater(row, db);
  return later?.state === "completed" ? cameAfter(later.number) : "";
}

/** Why what it left behind cannot be taken back any more; empty when it can. */
export async function undoBlocked(row: RolloutRow, db: Database | Transaction): Promise<string> {
  const later = await findLater(row, db);
  if (later === null) {
    return "";
  }
  return later.state === "completed"
    ? cameAfter(later.number)
    : `Release ${later.number} of this service is on its way. Wait for its end, or abort it.`;
}

/** Throws PortalError `forbidden`, `conflict`, `not-in-this-state`, `release-running`. Answers the release to look at. */
export async function command(
  id: string,
  action: RolloutAction,
  request: ActionRequest,
  asker: Asker,
  driver: Driver,
  deps: DriverDeps,
): Promise<string> {
  const row = await findRelease(deps.db, id);
  const object = `release ${row.number}: ${row.namespace}/${row.service}`;
  const why = whyNotAct(asker.person, { namespace: row.namespace, name: row.service }, row.startedById);
  await mustMay(why, `rollout-${action === "promote-fully" ? "promote" : action}`, object, asker, deps);
  if (action === "retry") {
    return retry(row, request, asker, deps);
  }
  if (!isReadable(row)) {
    mustBeAbort(row, action);
    await abortUnread(row, asker, request.reason, driver, deps);
    return id;
  }
  await order(id, action, { ...request, by: asker, forBundle: false }, driver, deps);
  return id;
}

interface Ordered extends Pick<ActionRequest, "revision" | "reason" | "step"> {
  /** Null: the portal, for a bundle. */
  readonly by: Asker | null;
  readonly forBundle: boolean;
}

export async function order(
  id: string,
  action: Command,
  ordered: Ordered,
  driver: Driver,
  deps: DriverDeps,
): Promise<void> {
  const { by, reason, step, revision, forBundle } = ordered;
  const movedOn = action === "undo" ? await undoMovedOn(await findRelease(deps.db, id), deps.ports.traffic) : "";
  const limit = await readShareLimit(deps.db);
  const after = await transition(
    id,
    deps,
    async (release, row, within) => {
      if (revision !== null && revision !== row.revision) {
        throw new PortalError("conflict", "The release moved on since you looked at it. Look again, then decide.");
      }
      const why =
        whyNot(release, action, step) ||
        (action === "undo" ? (await undoBlocked(row, within)) || movedOn : promoteOverLimit(release, action, limit));
      if (why !== "") {
        throw new PortalError("not-in-this-state", why);
      }
      const nowUnixMs = deps.now();
      const served = totalsOf(release, deps.ports.measure, nowUnixMs).totals.canary;
      const ready = readyPodsOf(release.spec, deps.ports);
      const who = by?.person.id ?? null;
      return obey(release, { command: action, by: who, reason, step, nowUnixMs, served, forBundle, ready });
    },
    by === null
      ? undefined
      : {
          actor: by.person,
          action: `rollout-${action === "promote-fully" ? "promote" : action}`,
          detail: [action === "promote-fully" ? "to the end" : "", reason].filter((text) => text !== "").join(" · "),
          address: by.address,
        },
  ).catch((error: unknown) => {
    // The database lets nobody own a service twice.
    if (isTaken(error)) {
      throw new PortalError("release-running", "Another release of this service is on its way.", { cause: error });
    }
    throw error;
  });
  if (after !== undefined) {
    await driver.atOnce(after);
  }
}

/** Throws PortalError `not-in-this-state`. */
function mustBeAbort(row: RolloutRow, action: Command): void {
  if (action !== "abort") {
    const why = whyNot(unreadableRelease(row), action) || "All that can be done is to abort it.";
    throw new PortalError("not-in-this-state", `Release ${row.number} cannot be read. ${why}`);
  }
}

/** Of one whose row cannot be read. `by` null: the portal, for a bundle. */
export async function abortUnread(
  { id, namespace, service }: Pick<RolloutRow, "id" | "namespace" | "service">,
  by: Asker | null,
  reason: string,
  driver: Driver,
  deps: DriverDeps,
): Promise<void> {
  const inForce = await deps.ports.traffic.inForce({ namespace, name: service });
  const live = {
    round: (inForce?.round ?? 0) + 1,
    ready: (spec: Parameters<typeof readyPodsOf>[0]) => readyPodsOf(spec, deps.ports),
  };
  const after = await takeBackUnread(id, live, by, reason, deps);
  if (isReadable(after)) {
    await driver.atOnce(after);
  }
}

const isTaken = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "code" in error && error.code === "P2002";

/** The same again, as a release of its own. */
async function retry(
  row: RolloutRow,
  { revision, reason }: ActionRequest,
  { person, address }: Asker,
  deps: DriverDeps,
): Promise<string> {
  return deps.db.$transaction(async (within) => {
    await within.$queryRaw`SELECT 1 FROM rollouts WHERE id = ${row.id}::uuid FOR UPDATE`;
    const now = await findRelease(within, row.id);
    if (revision !== null && revision !== now.revision) {
      throw new PortalError("conflict", "The release moved on since you looked at it. Look again, then decide.");
    }
    const why = whyNot(isReadable(now) ? releaseOf(now) : unreadableRelease(now), "retry");
    if (why !== "") {
      throw new PortalError("not-in-this-state", why);
    }
    const spec = specOf(now);
    await oneAtATime(within);
    await mustHaveRoom({ namespace: row.namespace, name: row.service }, person.id, within);
    await mustKeepLimits(spec, within);
    const again = { id: row.id, number: row.number };
    return createRelease(
      {
        spec,
        person,
        address,
        reason: reason === "" ? now.reason : reason,
        openedUnixMs: Date.now(),
        again,
      },
      deps,
      within,
    );
  });
}

export const mayMove = (person: SignedIn, row: Pick<RolloutRow, "namespace" | "service" | "startedById">): string =>
  whyNotAct(person, { namespace: row.namespace, name: row.service }, row.startedById);
