/** Releases of several services that belong together. */

import type { SignedIn } from "@/server/auth/signed-in.ts";
import type { Asker } from "@/server/changes/changes.ts";
import { type BundleDetails, type BundleRequest, bundleDetails } from "@/server/contracts/rollout-bundles.ts";
import { endedStates } from "@/server/contracts/rollouts.ts";
import type { Database } from "@/server/db/client.ts";
import { PortalError } from "@/server/errors.ts";
import { mustMay, whyNotAct, whyNotStart } from "../access.ts";
import { abortUnread, order, undoOvertaken } from "../commands.ts";
import { queuePlaceOf, toSummary } from "../details.ts";
import type { DriverDeps } from "../driver/deps.ts";
import type { Driver } from "../driver/driver.ts";
import { mustBeStartable, mustHaveRoom, oneAtATime } from "../start.ts";
import { createRelease } from "../store/create.ts";
import { rolloutParts, stateOfRow, staysKind } from "../store/rows.ts";
import { addEvents } from "../store/transition.ts";
import { isReadable, unreadableSummary } from "../store/unreadable.ts";
import { undoMovedOn } from "../undo-left.ts";
import { type Member, nextOf } from "./next.ts";

const bundleParts = {
  startedBy: true,
  rollouts: { include: rolloutParts, orderBy: { bundleIndex: "asc" } },
} as const;

type BundleRow = NonNullable<Awaited<ReturnType<typeof findBundle>>>;
const findBundle = (db: Database, id: string) => db.rolloutBundle.findUnique({ where: { id }, include: bundleParts });

export class Bundles {
  readonly #deps: DriverDeps;
  readonly #driver: Driver;

  constructor(deps: DriverDeps, driver: Driver) {
    this.#deps = deps;
    this.#driver = driver;
  }

  /** All of its releases are on record, or none. Throws PortalError. */
  async start(request: BundleRequest, asker: Asker): Promise<string> {
    const { title, order: inWhichOrder, abortTogether, specs, reason, openedUnixMs } = request;
    const { person, address } = asker;
    const { db } = this.#deps;
    await mustMay(whyNotStart(person), "rollout-start", `bundle ${title}`, asker, this.#deps);
    const keys = specs.map(({ service }) => `${service.namespace}/${service.name}`);
    if (new Set(keys).size < keys.length) {
      throw new PortalError("invalid-input", "A service is in a bundle once. Remove the second release of it.");
    }
    for (const spec of specs) {
      await mustBeStartable({ spec, etag: "", openedUnixMs, reason }, person, this.#deps);
    }
    return db.$transaction(async (within) => {
      await oneAtATime(within);
      for (const { service } of specs) {
        await mustHaveRoom(service, person.id, within, specs.length);
      }
      const { id } = await within.rolloutBundle.create({
        data: { title, order: inWhichOrder, abortTogether, state: "running", reason, startedById: person.id },
      });
      for (const [index, spec] of specs.entries()) {
        const made = { spec, person, address, reason, openedUnixMs, bundle: { id, index } };
        await createRelease(made, this.#deps, within);
      }
      return id;
    });
  }

  async details(id: string, person: SignedIn): Promise<BundleDetails> {
    return this.#toDetails(await this.#find(id), person);
  }

  async list(person: SignedIn): Promise<BundleDetails[]> {
    const rows = await this.#deps.db.rolloutBundle.findMany({
      include: bundleParts,
      orderBy: { createdAt: "desc" },
      take: 50,
    });
    const shown = await Promise.all(
      rows.map((row) =>
        this.#toDetails(row, person).catch((error: unknown) => {
          this.#deps.log.error("a bundle cannot be read", { bundle: row.id, error: String(error) });
          return undefined;
        }),
      ),
    );
    return shown.filter((one) => one !== undefined);
  }

  /** Takes all of it back: what runs, what waits, and what completed. Throws PortalError. */
  async abort(id: string, reason: string, asker: Asker): Promise<void> {
    const row = await this.#find(id);
    await mustMay(whyNotAbort(asker.person, row), "rollout-abort", `bundle ${row.title}`, asker, this.#deps);
    await this.#deps.db.$transaction(async (within) => {
      const { count } = await within.rolloutBundle.updateMany({
        where: { id, state: "running" },
        data: { state: "rolling-back", backAt: new Date() },
      });
      if (count === 0) {
        throw new PortalError("not-in-this-state", "The bundle has ended, or is on its way back already.");
      }
      const detail = reason;
      await this.#deps.audit(
        {
          actor: asker.person,
          action: "rollout-abort",
          object: `bundle ${row.title}`,
          outcome: "done",
          detail,
          address: asker.address,
        },
        within,
      );
    });
    await this.#along(await this.#find(id), asker, reason);
  }

  /** What the leading process does each second. */
  tick(): Promise<void> {
    return this.#driver.errand("bundles", async () => {
      const rows = await this.#deps.db.rolloutBundle.findMany({
        where: { state: { in: ["running", "rolling-back"] } },
        include: bundleParts,
      });
      for (const row of rows) {
        // One that another version of the portal wrote must not hold up the others.
        await this.#along(row, null, "").catch((error: unknown) =>
          this.#deps.log.warn("a bundle cannot be taken along", { bundle: row.id, error: String(error) }),
        );
      }
    });
  }

  async #along(row: BundleRow, by: Asker | null, reason: string): Promise<void> {
    const staying = await this.#staying(row);
    const members = row.rollouts.map(
      (one): Member => ({ id: one.id, number: one.number, state: stateOfRow(one), stays: staying.has(one.id) }),
    );
    const { state, orders, stays, because } = nextOf(row, members);
    if (state !== row.state) {
      const since = state === "rolling-back" ? { backAt: new Date() } : { finishedAt: new Date(this.#deps.now()) };
      await this.#deps.db.$transaction(async (within) => {
        const where = { id: row.id, state: row.state };
        const { count } = await within.rolloutBundle.updateMany({ where, data: { state, ...since } });
        for (const id of count === 0 ? [] : stays) {
          const text = `Its bundle "${row.title}" went back without it. ${staying.get(id) ?? ""}`;
          await addEvents(id, [{ level: "error", kind: staysKind, text, by: null }], within);
        }
      });
    }
    for (const { id, command } of orders) {
      const why = `Its bundle "${row.title}" is taken back${because}${reason === "" ? "" : `: ${reason}`}`.slice(
        0,
        500,
      );
      await this.#order(row.rollouts, id, command, by, why).catch((error: unknown) =>
        this.#deps.log.warn("a release of a bundle is not taken back yet", { release: id, error: String(error) }),
      );
    }
  }

  async #order(
    rollouts: BundleRow["rollouts"],
    id: string,
    command: "abort" | "undo",
    by: Asker | null,
    reason: string,
  ): Promise<void> {
    const member = rollouts.find((one) => one.id === id);
    if (member !== undefined && command === "abort" && !isReadable(member)) {
      await abortUnread(member, by, reason, this.#driver, this.#deps);
      return;
    }
    const ordered = { revision: null, reason, step: null, by, forBundle: true };
    await order(id, command, ordered, this.#driver, this.#deps);
  }

  /** Why members that completed stay so, by id. */
  async #staying(row: BundleRow): Promise<ReadonlyMap<string, string>> {
    const { db, ports } = this.#deps;
    const completed = row.rollouts.filter(({ state }) => state === "completed");
    const why = await Promise.all(
      completed.map(async (one) => {
        const moved = (await undoOvertaken(one, db)) || (await undoMovedOn(one, ports.traffic));
        return [one.id, moved || (await this.#notUndone(one.id, row.backAt))] as const;
      }),
    );
    return new Map(why.filter(([, words]) => words !== ""));
  }

  /** It was tried once, as long as pods are waited for: whoever mends what keeps it undoes it then. */
  async #notUndone(rolloutId: string, since: Date | null): Promise<string> {
    const failed =
      since === null
        ? null
        : await this.#deps.db.rolloutEvent.findFirst({
            where: { rolloutId, kind: "undo", level: "error", time: { gte: since } },
            orderBy: { sequence: "desc" },
            select: { text: true },
          });
    return failed === null ? "" : `${failed.text}. Undo it by itself when that is mended.`;
  }

  /** What of it was not taken back. */
  async #words({ state, rollouts }: BundleRow): Promise<string> {
    if (state !== "failed") {
      return "";
    }
    const events = await this.#deps.db.rolloutEvent.findMany({
      where: { kind: staysKind, rolloutId: { in: rollouts.map(({ id }) => id) } },
      orderBy: { rolloutId: "asc" },
      select: { rolloutId: true, text: true },
    });
    return rollouts
      .flatMap(({ id, number, service }) => {
        const text = events.find(({ rolloutId }) => rolloutId === id)?.text;
        return text === undefined ? [] : [`Release ${number} of ${service} stays. ${text}`];
      })
      .join(" ");
  }

  async #find(id: string): Promise<BundleRow> {
    const row = /^[0-9a-f-]{36}$/.test(id) ? await findBundle(this.#deps.db, id) : null;
    if (row === null) {
      throw new PortalError("not-found", "There is no such bundle. The list of releases has them all.");
    }
    return row;
  }

  async #toDetails(row: BundleRow, person: SignedIn): Promise<BundleDetails> {
    return bundleDetails.parse({
      id: row.id,
      title: row.title,
      order: row.order,
      abortTogether: row.abortTogether,
      state: row.state,
      createdUnixMs: row.createdAt.getTime(),
      startedBy: { id: row.startedBy.id, name: row.startedBy.name, initials: row.startedBy.initials },
      rollouts: await Promise.all(
        row.rollouts.map(async (one) =>
          isReadable(one) ? toSummary(one, await queuePlaceOf(one, this.#deps), this.#deps) : unreadableSummary(one),
        ),
      ),
      words: await this.#words(row),
      abortable: row.state === "running" && whyNotAbort(person, row) === "",
    });
  }
}

/** Whoever may move each of its releases, or started it. */
const whyNotAbort = (person: SignedIn, row: BundleRow): string =>
  row.rollouts
    .filter(({ state }) => !endedStates.some((ended) => ended === state) || state === "completed")
    .map(({ namespace, service }) => whyNotAct(person, { namespace, name: service }, row.startedById))
    .find((why) => why !== "") ?? "";
