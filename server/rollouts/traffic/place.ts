/** One step towards wanted shares, by ordinary changes. Level-triggered: what is under way is found by its release. */

import { receipt } from "@/server/contracts/changes.ts";
import { pathForms } from "@/server/contracts/golden-paths/forms.ts";
import type { Database } from "@/server/db/client.ts";
import { isPortalError } from "@/server/errors.ts";
import { listNames } from "@/server/golden-paths/path.ts";
import type { Drifted, Owner, Placement, Shares } from "../ports.ts";
import type { TrafficDeps } from "./deps.ts";
import { readRelease } from "./release-facts.ts";
import { formOf, givesNoMore, nothingFor, sameShares, shareOf } from "./shares.ts";

/** A change of weights alone is in force within this time: then the first answer says so already. */
const settleMs = 250;
/** A change that failed is not tried again before. */
const againMs = 1_000;

export class Placer {
  readonly #deps: TrafficDeps;
  readonly #drift: (owner: Owner) => Promise<readonly Drifted[]>;
  /** The failed change of each release that was told: the next call tries again. */
  readonly #told = new Map<string, string>();

  constructor(deps: TrafficDeps, drift: (owner: Owner) => Promise<readonly Drifted[]>) {
    this.#deps = deps;
    this.#drift = drift;
  }

  async place(owner: Owner, wanted: Shares): Promise<Placement> {
    const last = await lastChange(this.#deps.db, owner);
    const same = last !== undefined && sameShares(owner.service, last.shares, wanted);
    if (last?.state === "applying") {
      return moving(last);
    }
    if (last?.state === "waiting") {
      if (same) {
        return waiting(last);
      }
      await this.#deps.changes.withdrawForRollout(last.id, "The release wants other shares by now.");
    }
    if (same) {
      const end = await this.#endOf(owner, wanted, last);
      if (end !== undefined) {
        return end;
      }
    }
    return this.#write(owner, wanted, last, 1);
  }

  /** What became of the change that wanted the same; undefined: it is to be written again. */
  async #endOf(owner: Owner, wanted: Shares, last: LastChange): Promise<Placement | undefined> {
    switch (last.state) {
      case "rejected":
      case "withdrawn":
      case "expired":
        return { state: "refused", reason: "rejected", words: last.words };
      case "failed": {
        const again = this.#told.get(owner.rolloutId) === last.id && Date.now() - last.finishedUnixMs > againMs;
        this.#told.set(owner.rolloutId, last.id);
        return again ? undefined : { state: "refused", reason: "refused", words: last.failure };
      }
      case "verified": {
        const { inForce, held } = await readRelease(owner, this.#deps.db);
        const isSo = !held && sameShares(owner.service, inForce, wanted);
        return isSo && (await this.#drift(owner)).length === 0 ? { state: "placed" } : undefined;
      }
      default:
        return undefined;
    }
  }

  async #write(owner: Owner, wanted: Shares, last: LastChange | undefined, tries: number): Promise<Placement> {
    const { db, changes } = this.#deps;
    const { rolloutId, by, service, reason, overwrite = false } = owner;
    const back = await goesBack(owner, wanted, db);
    try {
      const row = await changes.forRollout({
        ...{ rolloutId, by, reason, back, overwrite },
        values: formOf(service, wanted),
        unconfirmed: last?.state === "failed",
      });
      if (row === undefined) {
        // Another process may have been faster by a moment.
        const newest = await lastChange(db, owner);
        return newest?.state === "applying" ? moving(newest) : { state: "placed" };
      }
      await this.#settle(row.id);
    } catch (error) {
      const answer = refusal(error);
      if (answer === "again" && tries > 0) {
        return this.#write(owner, wanted, last, tries - 1);
      }
      if (answer === undefined || answer === "again") {
        throw error;
      }
      return answer;
    }
    const written = await lastChange(db, owner);
    if (written?.state === "verified") {
      return { state: "placed" };
    }
    if (written?.state === "waiting") {
      return waiting(written);
    }
    return written?.state === "failed"
      ? ((await this.#endOf(owner, wanted, written)) ?? moving(written))
      : moving(written);
  }

  /** Waits a moment for its end. */
  async #settle(id: string): Promise<void> {
    const { db, changes } = this.#deps;
    const deadline = Date.now() + settleMs;
    for (;;) {
      const moved = Promise.withResolvers<void>();
      const unsubscribe = changes.notifier.subscribe(id, () => moved.resolve());
      const timer = setTimeout(() => moved.resolve(), Math.max(0, deadline - Date.now()));
      try {
        const row = await db.change.findUnique({ where: { id }, select: { state: true } });
        if (row?.state !== "applying" || Date.now() >= deadline) {
          return;
        }
        await moved.promise;
      } finally {
        clearTimeout(timer);
        unsubscribe();
      }
    }
  }
}

interface LastChange {
  readonly id: string;
  readonly state: string;
  readonly shares: Shares | undefined;
  readonly failure: string;
  /** What its end or its waiting says. */
  readonly words: string;
  readonly finishedUnixMs: number;
  readonly number: number;
  readonly receipt: string;
}

/** The newest change that the release wrote. */
async function lastChange(db: Database, { rolloutId }: Owner): Promise<LastChange | undefined> {
  const row = await db.change.findFirst({
    where: { rolloutId },
    orderBy: { number: "desc" },
    include: { approvals: true },
  });
  if (row === null) {
    return undefined;
  }
  const form = pathForms["release-a-version"].safeParse(row.values);
  const { service: _service, enabled: _enabled, ...shares } = form.success ? form.data : { service: 0, enabled: 0 };
  const told = receipt.safeParse(row.receipt);
  const asked = listNames(row.approvals.filter(({ state }) => state !== "approved").map(({ title }) => title));
  const comment = row.approvals.find(({ state }) => state === "rejected")?.comment ?? "";
  const { id, number, state, failure } = row;
  const endings: Readonly<Record<string, string>> = {
    waiting: `Waits for ${asked}`,
    rejected: `${asked} rejected it${comment === "" ? "" : `: ${comment}`}`,
    withdrawn: "The question to the other teams was taken back",
    expired: `${asked} did not answer in time`,
  };
  return {
    ...{ id, number, state, failure },
    shares: "stable" in shares ? shares : undefined,
    words: endings[state] ?? "",
    finishedUnixMs: row.finishedAt?.getTime() ?? 0,
    receipt: told.success ? told.data.message : "",
  };
}

const moving = (change: LastChange | undefined): Placement => ({
  state: "moving",
  words:
    change === undefined
      ? "The change is being written"
      : `Change ${change.number} is being applied${change.receipt === "" ? "" : `: ${change.receipt}`}`,
});

const waiting = ({ id, words }: LastChange): Placement => ({ state: "waiting", changeId: id, words });

/** Undefined: whoever called must hear of it. `again`: something moved in between. */
function refusal(error: unknown): Placement | "again" | undefined {
  if (!isPortalError(error)) {
    return undefined;
  }
  const words = error.userMessage;
  switch (error.code) {
    case "change-in-progress":
      return { state: "moving", words };
    case "frozen":
      return { state: "refused", reason: "freeze", words };
    case "conflict":
      return error.conflicts.length > 0 || error.cause !== undefined
        ? { state: "refused", reason: "drift", words }
        : "again";
    case "path-restricted":
    case "forbidden":
    case "blocked-by-findings":
    case "refused-by-cluster":
    case "release-running":
      return { state: "refused", reason: "refused", words };
    default:
      return undefined;
  }
}

/** The new version loses calls, or gets none, by a release that was let in before: no guardrail or edit keeps that back. */
async function goesBack(owner: Owner, wanted: Shares, db: Database): Promise<boolean> {
  const [{ canary, now }, begun] = await Promise.all([
    readRelease(owner, db),
    db.change.count({ where: { rolloutId: owner.rolloutId, appliedAt: { not: null } } }),
  ]);
  const loses = now !== undefined && givesNoMore(wanted, now, canary) && shareOf(wanted, canary) < shareOf(now, canary);
  return begun > 0 && (nothingFor(wanted, canary) || loses);
}
