import { namespacesRefused, type SignedIn } from "@/server/auth/signed-in.ts";
import { awaitSync } from "@/server/cluster/await-sync.ts";
import type {
  ChangeDetails,
  ChangeList,
  ChangeSummary,
  ChangesQuery,
  UndoRequest,
} from "@/server/contracts/changes.ts";
import type { PathFormValues } from "@/server/contracts/golden-paths/forms.ts";
import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { ApplyRequest, Preview } from "@/server/contracts/golden-paths.ts";
import { tryLock } from "@/server/db/advisory-lock.ts";
import { toJson } from "@/server/db/client.ts";
import { PortalError } from "@/server/errors.ts";
import type { IntentSet } from "@/server/golden-paths/intent.ts";
import type { PathContext } from "@/server/golden-paths/path.ts";
import { type Rendered, resourceKey } from "@/server/golden-paths/resource.ts";
import { managedByLabel, managedByTowpath } from "@/server/inventory/labels.ts";
import { dryRun } from "./apply-steps.ts";
import { assessSteps } from "./assess.ts";
import { ChangeNotifier } from "./change-events.ts";
import {
  type ChangeRow,
  changeParts,
  findRow,
  intentsOf,
  isInPlace,
  stateOf,
  stepsOf,
  toDetails,
  toSummary,
  type UndoFacts,
  undoBlocked,
} from "./change-row.ts";
import { toPortalError } from "./cluster-problem.ts";
import { readIntents, rebuildIntents } from "./current-intents.ts";
import type { ChangeDeps } from "./deps.ts";
import { cachedObjects, liveObjects } from "./live-objects.ts";
import { previewProposal, refusalText } from "./preview.ts";
import { isUnchanged, type Proposal, propose, proposeIntents, type ResourceStep } from "./proposal.ts";
import { runChange } from "./run-change.ts";

/** How far back a change is looked for that stands on another. */
const undoHorizon = 500;

/** Nothing of ours is left on it. */
const isGone = ({ ref, after }: ResourceStep): boolean =>
  after === undefined || (ref.kind === "Namespace" && after.metadata.labels === undefined);
/** Somebody else's policy, or a namespace that carried the label without an intent. */
const isForeign = ({ kind, metadata }: Rendered): boolean =>
  kind === "Namespace" || metadata.labels?.[managedByLabel] !== managedByTowpath;

/** Who asks, and from where. */
export interface Asker {
  readonly person: SignedIn;
  readonly address: string;
}

/** The life of changes: preview, apply, verify, undo; durable, one at a time for a namespace. */
export class Changes {
  readonly #deps: ChangeDeps;
  readonly notifier = new ChangeNotifier();
  /** Changes that this process is taking to their end. */
  readonly #running = new Map<string, Promise<void>>();

  constructor(deps: ChangeDeps) {
    this.#deps = deps;
  }

  /** The intents in force. */
  intents(): Promise<IntentSet> {
    return readIntents(this.#deps.db);
  }

  async context(): Promise<PathContext> {
    await awaitSync(this.#deps.cluster);
    return {
      inventory: this.#deps.inventory.current,
      current: await this.intents(),
      traffic: this.#deps.insight(),
      nowUnixMs: Date.now(),
    };
  }

  async preview<S extends PathSlug>(slug: S, values: PathFormValues[S], person: SignedIn): Promise<Preview> {
    const context = await this.context();
    const proposal = propose(slug, values, context, cachedObjects(this.#deps.cluster));
    const impact = this.#assess(proposal);
    return previewProposal(proposal, impact, person, this.#deps).catch((error: unknown) => {
      throw toPortalError(error);
    });
  }

  /** Starts to apply; comes back when the change is durable. Throws PortalError. */
  async apply<S extends PathSlug>(
    slug: S,
    values: PathFormValues[S],
    request: ApplyRequest,
    asker: Asker,
  ): Promise<ChangeSummary> {
    const context = await this.context();
    const planned = propose(slug, values, context, cachedObjects(this.#deps.cluster));
    const { filled } = planned;
    await this.#mustOwn(filled.plan.namespaces, "change-apply", filled.title, asker);
    return this.#locked(filled.plan.namespaces, async (release) => {
      // Under the lock, and straight from the server: nothing may have moved since the preview.
      const live = await liveObjects(this.#deps.cluster, planned.steps);
      const proposal = propose(slug, values, { ...context, current: await this.intents() }, live);
      const impact = this.#assess(proposal);
      await this.#mustBeApplicable(proposal, request);
      const row = await this.#create(proposal, impact, request, asker.person.id, null);
      await this.#begin(row, request.force, "change-apply", asker, release);
      return this.#summary(row.id, asker.person);
    });
  }

  /** Takes a change back by a change of its own. */
  async undo(id: string, request: UndoRequest, asker: Asker): Promise<ChangeSummary> {
    const row = await this.#find(id);
    await this.#mustOwn(row.namespaces, "change-undo", `change ${row.number}`, asker);
    return this.#locked(row.namespaces, async (release) => {
      const blocked = undoBlocked(row, await this.#undoFacts(), undefined);
      if (blocked !== "") {
        throw new PortalError("not-undoable", `Change ${row.number} cannot be undone. ${blocked}`);
      }
      const context = await this.context();
      const inverse = intentsOf(row).map(({ key, before }) => ({
        key,
        before: context.current.get(key),
        after: before,
      }));
      const planned = proposeIntents(inverse, context, cachedObjects(this.#deps.cluster));
      const proposed = proposeIntents(inverse, context, await liveObjects(this.#deps.cluster, planned.steps));
      const original = new Map(stepsOf(row).map((step) => [resourceKey(step.ref), step]));
      // An object that was somebody else's before is given back as it was, not removed.
      const steps = proposed.steps.map((step) => {
        const before = original.get(resourceKey(step.ref))?.before;
        return isGone(step) && before !== undefined && isForeign(before) ? { ...step, after: before } : step;
      });
      const proposal: Proposal = {
        slug: row.slug as PathSlug,
        values: (row.values ?? {}) as Proposal["values"],
        filled: {
          plan: { changes: inverse, namespaces: row.namespaces, services: row.services },
          sentence: `Takes back change ${row.number}: ${row.title}.`,
          title: `Undo: ${row.title}`,
          confirmWord: "",
          findings: [],
          probes: [],
          button: () => "Undo",
        },
        ...proposed,
        steps,
      };
      await this.#mustBeApplicable(proposal, { ...request, etag: proposal.etag, confirmation: "", values: {} });
      const undo = await this.#create(proposal, this.#assess(proposal), request, asker.person.id, row.id);
      await this.#begin(undo, request.force, "change-undo", asker, release);
      return this.#summary(undo.id, asker.person);
    });
  }

  async list(query: ChangesQuery, person: SignedIn): Promise<ChangeList> {
    const rows = await this.#deps.db.change.findMany({
      where: {
        ...(query.namespace === undefined ? {} : { namespaces: { has: query.namespace } }),
        ...(query.service === undefined ? {} : { services: { has: query.service } }),
        ...(query.slug === undefined ? {} : { slug: query.slug }),
        ...(query.state === undefined ? {} : { state: query.state }),
        ...(query.before === undefined ? {} : { number: { lt: query.before } }),
      },
      include: changeParts,
      orderBy: { number: "desc" },
      take: query.limit + 1,
    });
    const facts = await this.#undoFacts();
    return {
      changes: rows.slice(0, query.limit).map((row) => toSummary(row, undoBlocked(row, facts, person))),
      more: rows.length > query.limit,
    };
  }

  async details(id: string, person: SignedIn): Promise<ChangeDetails> {
    const row = await this.#find(id);
    const events = await this.#deps.db.changeEvent.findMany({ where: { changeId: id }, orderBy: { sequence: "asc" } });
    return toDetails(row, events, undoBlocked(row, await this.#undoFacts(), person));
  }

  /** After a start: takes up what was being applied when the portal ended, and learns intents from the cluster. */
  async resume(): Promise<void> {
    const { db, cluster, log } = this.#deps;
    const learnt = await rebuildIntents(db, cluster);
    if (learnt > 0) {
      log.info("learnt intents from the cluster", { intents: learnt });
    }
    const rows = await db.change.findMany({ where: { state: "applying" }, include: changeParts });
    for (const row of rows.filter(({ id }) => !this.#running.has(id))) {
      log.info("taking up a change that was being applied", { change: row.number });
      this.#run(row, true, async () => undefined);
    }
  }

  /** Waits for everything that is being applied here. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running.values());
  }

  #run(row: ChangeRow, force: boolean, afterWrite: () => Promise<void>): void {
    const running = runChange(row, this.#deps, this.notifier, force, afterWrite)
      .catch((error: unknown) =>
        this.#deps.log.error("a change could not be taken to its end", { change: row.number, error: String(error) }),
      )
      .finally(() => this.#running.delete(row.id));
    this.#running.set(row.id, running);
  }

  async #begin(
    row: ChangeRow,
    force: boolean,
    action: "change-apply" | "change-undo",
    { person, address }: Asker,
    release: () => Promise<void>,
  ): Promise<void> {
    const object = `change ${row.number}: ${row.title}`;
    try {
      await this.#deps.audit({ actor: person, action, object, outcome: "done", detail: row.reason, address });
    } catch (error) {
      // Nothing happens that is not on record, not at the next start either.
      const data = {
        state: "failed",
        failure: "It could not be recorded, so it was not applied.",
        finishedAt: new Date(),
      };
      await this.#deps.db.change.update({ where: { id: row.id }, data });
      throw error;
    }
    this.#run(row, force, release);
  }

  async #create(
    proposal: Proposal,
    impact: ReturnType<typeof assessSteps>,
    request: { openedUnixMs: number; reason: string },
    authorId: string,
    undoOfId: string | null,
  ): Promise<ChangeRow> {
    const now = Date.now();
    const { id } = await this.#deps.db.change.create({
      data: {
        slug: proposal.slug,
        title: proposal.filled.title,
        sentence: proposal.filled.sentence,
        state: "applying",
        authorId,
        namespaces: [...proposal.filled.plan.namespaces],
        services: [...proposal.filled.plan.services],
        values: toJson(proposal.values),
        reason: request.reason,
        intents: toJson(proposal.intentChanges),
        resources: toJson(proposal.steps),
        findings: toJson(proposal.filled.findings),
        impact: toJson(impact),
        undoOfId,
        // A form cannot have been opened in the future, nor a change take longer than a month.
        openedAt: new Date(Math.min(now, Math.max(request.openedUnixMs, now - 30 * 24 * 3_600_000))),
      },
    });
    return this.#find(id);
  }

  async #mustBeApplicable(proposal: Proposal, request: ApplyRequest): Promise<void> {
    const { filled, steps, conflicts } = proposal;
    const errors = filled.findings.filter(({ level }) => level === "error");
    if (errors.length > 0) {
      throw new PortalError("blocked-by-findings", errors.map(({ message }) => message).join(" "), {
        fields: errors.map(({ field, message }) => ({ path: field, message })),
      });
    }
    if (steps.every(isUnchanged)) {
      throw new PortalError("no-change", "Everything is so already: there is nothing to apply.");
    }
    if (filled.confirmWord !== "" && request.confirmation.trim() !== filled.confirmWord) {
      throw new PortalError("confirmation-needed", `Type "${filled.confirmWord}" to confirm.`, {
        fields: [{ path: "confirmation", message: `Type "${filled.confirmWord}"` }],
      });
    }
    if (!request.force && conflicts.length > 0) {
      throw new PortalError(
        "conflict",
        `Somebody else changed ${conflicts.map(({ resource }) => resource).join(", ")} since. Compare both versions, then overwrite theirs or leave it.`,
        { conflicts },
      );
    }
    if (!request.force && request.etag !== proposal.etag) {
      throw new PortalError(
        "conflict",
        "The mesh moved since the preview was made. Look at the new preview, then apply.",
      );
    }
    await dryRun(this.#deps.cluster, steps, request.force).catch((error: unknown) => {
      throw toPortalError(error);
    });
  }

  async #mustOwn(
    namespaces: readonly string[],
    action: "change-apply" | "change-undo",
    object: string,
    { person, address }: Asker,
  ): Promise<void> {
    const refused = namespacesRefused(person, namespaces);
    if (refused.length > 0) {
      const detail = refusalText(refused);
      await this.#deps.audit({ actor: person, action, object, outcome: "refused", detail, address });
      throw new PortalError("forbidden", detail);
    }
  }

  /** Runs `work` under the namespaces' locks. `work` hands `release` on when it starts something that goes on. */
  async #locked<T>(namespaces: readonly string[], work: (release: () => Promise<void>) => Promise<T>): Promise<T> {
    const unlock = await tryLock(
      this.#deps.pool,
      namespaces.map((namespace) => `change ${namespace}`),
    );
    if (unlock === undefined) {
      throw new PortalError(
        "change-in-progress",
        `Another change of ${namespaces.join(", ")} is being applied. Try again when it is done.`,
      );
    }
    let handedOn = false;
    try {
      return await work(async () => {
        handedOn = true;
        await unlock();
      });
    } catch (error) {
      if (!handedOn) {
        await unlock();
      }
      throw error;
    }
  }

  #assess({ steps }: Pick<Proposal, "steps">): ReturnType<typeof assessSteps> {
    const { inventory, telemetry, config } = this.#deps;
    return assessSteps(steps, inventory.current, telemetry, config.trustDomain, Date.now());
  }

  async #find(id: string): Promise<ChangeRow> {
    const row = /^[0-9a-f-]{36}$/.test(id) ? await findRow(this.#deps.db, id) : null;
    if (row === null) {
      throw new PortalError("not-found", "There is no such change. The list of changes has them all.");
    }
    return row;
  }

  async #summary(id: string, person: SignedIn): Promise<ChangeSummary> {
    const row = await this.#find(id);
    return toSummary(
      row,
      stateOf(row) === "applying" ? "It is still being applied." : undoBlocked(row, await this.#undoFacts(), person),
    );
  }

  async #undoFacts(): Promise<UndoFacts[]> {
    const rows = await this.#deps.db.change.findMany({
      select: { number: true, state: true, intents: true, receipt: true, undoOf: { select: { number: true } } },
      orderBy: { number: "desc" },
      take: undoHorizon,
    });
    return rows.map((row) => ({ ...row, undoOfNumber: row.undoOf?.number, inPlace: isInPlace(row) }));
  }
}
