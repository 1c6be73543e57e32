import { capabilitiesOf, type SignedIn } from "@/server/auth/signed-in.ts";
import type {
  ChangeDetails,
  ChangeList,
  ChangeSummary,
  ChangesQuery,
  DecisionRequest,
  UndoRequest,
  WithdrawRequest,
} from "@/server/contracts/changes.ts";
import type { PathFormValues } from "@/server/contracts/golden-paths/forms.ts";
import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { ApplyRequest, ImpactWindow, Preview } from "@/server/contracts/golden-paths.ts";
import type { Guardrails } from "@/server/contracts/guardrails.ts";
import type { ResourceRef } from "@/server/contracts/names.ts";
import { PortalError } from "@/server/errors.ts";
import type { IntentSet } from "@/server/golden-paths/intent.ts";
import type { PathContext } from "@/server/golden-paths/path.ts";
import { forReleaseSteps } from "@/server/guardrails/release-limits.ts";
import { type Handed, mustBeApplicable, mustBeWritable, mustRespect } from "./admission.ts";
import { dryRun } from "./apply-steps.ts";
import { Approvals } from "./approvals.ts";
import { ChangeNotifier } from "./change-events.ts";
import { listWhere } from "./change-list.ts";
import { type ChangeRow, changeParts, isInPlace, stateOf, toDetails, toSummary } from "./change-row.ts";
import { toPortalError } from "./cluster-problem.ts";
import { createChange } from "./create-change.ts";
import { readIntents, rebuildIntents } from "./current-intents.ts";
import type { ChangeDeps } from "./deps.ts";
import { Desk } from "./desk.ts";
import { endIntents } from "./end-intents.ts";
import { underLocks } from "./namespace-locks.ts";
import type { Wish } from "./origin.ts";
import { type DueEnd, readOverdue } from "./overdue-ends.ts";
import { previewProposal } from "./preview.ts";
import { changeForRollout, type RolloutWish } from "./rollout-change.ts";
import { Runner } from "./runner.ts";
import { SeenPreviews } from "./seen-previews.ts";
import { type UndoFacts, undoBlocked } from "./undo-blocked.ts";

/** How far back a change is looked for that stands on another. */
const undoHorizon = 500;

/** Who asks, and from where. */
export interface Asker {
  readonly person: SignedIn;
  readonly address: string;
}

interface Submission extends Handed {
  readonly openedUnixMs: number;
}

/** The life of changes: preview, approval, apply, verify, undo; durable, one at a time for a namespace. */
export class Changes {
  readonly #deps: ChangeDeps;
  readonly #desk: Desk;
  readonly #runner: Runner;
  readonly #approvals: Approvals;
  readonly #seen: SeenPreviews;
  readonly notifier = new ChangeNotifier();

  constructor(deps: ChangeDeps) {
    this.#deps = deps;
    this.#desk = new Desk(deps);
    this.#seen = new SeenPreviews(deps);
    this.#runner = new Runner(deps, this.notifier);
    this.#approvals = new Approvals(deps, this.#desk, this.#runner, this.notifier);
  }

  /** The intents in force. */
  intents(): Promise<IntentSet> {
    return readIntents(this.#deps.db);
  }

  context(): Promise<PathContext> {
    return this.#desk.context();
  }

  async preview<S extends PathSlug>(
    slug: S,
    values: PathFormValues[S],
    person: SignedIn,
    windowSeconds: ImpactWindow = 3_600,
  ): Promise<Preview> {
    return this.#preview(slug, values, person, windowSeconds, await this.#desk.guardrails());
  }

  /** Of the first change of a release: what its steps may be is asked of the whole release. */
  async previewForRollout(values: PathFormValues["release-a-version"], person: SignedIn): Promise<Preview> {
    return this.#preview("release-a-version", values, person, 3_600, forReleaseSteps(await this.#desk.guardrails()));
  }

  async #preview<S extends PathSlug>(
    slug: S,
    values: PathFormValues[S],
    person: SignedIn,
    windowSeconds: ImpactWindow,
    guardrails: Guardrails,
  ): Promise<Preview> {
    const planned = await this.#desk.plan({ origin: { kind: "form" }, slug, values });
    await this.#seen.remember(planned.proposal);
    const approvers = await this.#desk.approvers(person, planned, guardrails);
    const impact = await this.#desk.assess(planned.proposal, windowSeconds);
    return previewProposal(planned, impact, person, guardrails, approvers, this.#deps).catch((error: unknown) => {
      throw toPortalError(error);
    });
  }

  /** Starts to apply, or asks the teams that must agree; comes back when it is durable. Throws PortalError. */
  async apply<S extends PathSlug>(
    slug: S,
    values: PathFormValues[S],
    request: ApplyRequest,
    asker: Asker,
  ): Promise<ChangeSummary> {
    return this.#submit({ origin: { kind: "form" }, slug, values }, request, asker);
  }

  /** Takes a change back by a change of its own, which needs the same teams. */
  async undo(id: string, { etag, ...request }: UndoRequest, asker: Asker): Promise<ChangeSummary> {
    const row = await this.#desk.find(id);
    const wish: Wish = {
      origin: { kind: "undo", changeId: row.id },
      slug: row.slug as PathSlug,
      values: row.values as Wish["values"],
    };
    // It has no preview: an edit that is in its way is shown by the conflict.
    return this.#submit(wish, request.force ? { ...request, etag: etag ?? "" } : request, asker, async () => {
      const now = await this.#desk.find(id);
      const blocked = undoBlocked(now, await this.#undoFacts(), undefined, Date.now());
      if (blocked !== "") {
        throw new PortalError("not-undoable", `Change ${row.number} cannot be undone. ${blocked}`);
      }
    });
  }

  /** Writes a resource as the paths render it, or makes what is live the paths' values. Throws PortalError. */
  async settleDrift(
    kind: "put-back" | "take-over",
    resource: ResourceRef,
    slug: PathSlug,
    request: { readonly openedUnixMs: number; readonly reason: string },
    asker: Asker,
    stillSo: () => Promise<void>,
  ): Promise<ChangeSummary> {
    // The person saw both versions: what is live is what they decide about.
    const wish = { origin: { kind, resource }, slug, values: {} as Wish["values"] };
    return this.#submit(wish, { ...request, force: true }, asker, stillSo);
  }

  /** A step of a release; undefined when everything is so already. Throws PortalError (`changeForRollout`). */
  async forRollout(wish: RolloutWish): Promise<ChangeRow | undefined> {
    return changeForRollout(wish, this.#deps, this.#desk, this.#runner);
  }

  /** Takes a question back that the release that asked it has overtaken. */
  async withdrawForRollout(id: string, why: string): Promise<void> {
    await this.#approvals.overtake(id, why);
  }

  async approve(id: string, request: DecisionRequest, asker: Asker): Promise<ChangeSummary> {
    await this.#approvals.approve(id, request, asker);
    return this.#summary(id, asker.person);
  }

  async reject(id: string, request: DecisionRequest, asker: Asker): Promise<ChangeSummary> {
    await this.#approvals.reject(id, request, asker);
    return this.#summary(id, asker.person);
  }

  async withdraw(id: string, request: WithdrawRequest, asker: Asker): Promise<ChangeSummary> {
    await this.#approvals.withdraw(id, request, asker);
    return this.#summary(id, asker.person);
  }

  async list(query: ChangesQuery, person: SignedIn): Promise<ChangeList> {
    const rows = await this.#deps.db.change.findMany({
      where: listWhere(query, person),
      include: changeParts,
      orderBy: { number: "desc" },
      take: query.limit + 1,
    });
    const facts = await this.#undoFacts();
    const now = Date.now();
    return {
      changes: rows.slice(0, query.limit).map((row) => toSummary(row, undoBlocked(row, facts, person, now), person)),
      more: rows.length > query.limit,
    };
  }

  async details(id: string, person: SignedIn): Promise<ChangeDetails> {
    const row = await this.#desk.find(id);
    const events = await this.#deps.db.changeEvent.findMany({ where: { changeId: id }, orderBy: { sequence: "asc" } });
    return toDetails(row, events, undoBlocked(row, await this.#undoFacts(), person, Date.now()), person);
  }

  /** Something of it will still move: it is applied or proven, or waits for somebody. */
  async isMoving(id: string): Promise<boolean> {
    const row = await this.#desk.find(id);
    return row.probesPending || ["draft", "previewed", "waiting", "applying"].includes(row.state);
  }

  /** After a start: takes up what was being applied when the portal ended, and learns intents from the cluster. */
  async resume(): Promise<void> {
    const { db, cluster, log } = this.#deps;
    const learnt = await rebuildIntents(db, cluster);
    if (learnt > 0) {
      log.info("learnt intents from the cluster", { intents: learnt });
    }
    await this.#runner.resume();
  }

  /** What the leading process does every few seconds: what was left lying, what waited too long, what ends by itself. */
  async upkeep(nowUnixMs: number): Promise<void> {
    await this.#runner.resume();
    await this.#approvals.expire(nowUnixMs);
    await this.#seen.forget(nowUnixMs);
    await endIntents(nowUnixMs, this.#deps, this.#desk, this.#runner);
  }

  /** Rules that should have ended and are still in force. */
  overdueEnds(nowUnixMs: number): Promise<DueEnd[]> {
    return readOverdue(this.#deps.db, nowUnixMs);
  }

  /** Waits for everything that is being applied here. */
  async settled(): Promise<void> {
    await this.#runner.settled();
  }

  /** `check` is asked under the locks, before anything is decided. */
  async #submit(
    wish: Wish,
    request: Omit<Submission, "etag" | "confirmation"> & Partial<Submission>,
    asker: Asker,
    check: () => Promise<void> = async () => undefined,
  ): Promise<ChangeSummary> {
    const { person, address } = asker;
    const first = await this.#desk.plan(wish);
    const { title } = first.proposal.filled;
    if (!capabilitiesOf(person).preview) {
      await this.#refuse(wish, title, "The role does not allow it", asker);
      throw new PortalError("forbidden", `Your role (${person.roles.join(", ")}) does not allow this.`);
    }
    return underLocks(this.#deps.pool, first.touched, async (handOn) => {
      // Under the lock, and straight from the server: nothing may have moved since the preview.
      await check();
      const planned = await this.#desk.planLive(first);
      const { proposal, touched } = planned;
      const guardrails = await this.#desk.guardrails();
      const handed: Handed = { etag: proposal.etag, confirmation: proposal.filled.confirmWord, ...request };
      mustBeWritable(proposal);
      const breaks = await this.#orRefuse(wish, title, asker, () =>
        mustRespect(guardrails, proposal, wish.origin.kind, touched, person, request.reason, Date.now()),
      );
      const moved = handed.etag === proposal.etag ? [] : await this.#seen.moved(handed.etag, proposal);
      if (moved.length > 0 || proposal.conflicts.length > 0) {
        // What a conflict shows now may have moved again when it is overwritten.
        await this.#seen.remember(proposal);
      }
      mustBeApplicable(proposal, handed, () => moved);
      await dryRun(this.#deps.cluster, proposal.steps, request.force).catch((error: unknown) => {
        throw toPortalError(error);
      });
      const approvers = await this.#desk.approvers(person, planned, guardrails);
      const { approvalHours } = guardrails;
      const impact = await this.#desk.assess(proposal);
      const { openedUnixMs, reason, force } = request;
      const row = await createChange(
        { ...planned, impact, author: person, address, openedUnixMs, reason, force, approvers, approvalHours, breaks },
        this.#deps,
      );
      if (stateOf(row) === "applying") {
        this.#runner.start(row, handOn());
      }
      return this.#summary(row.id, person);
    });
  }

  /** Refusals by guardrails are on record. */
  async #orRefuse<T>(wish: Wish, title: string, asker: Asker, ask: () => T): Promise<T> {
    try {
      return ask();
    } catch (error) {
      if (error instanceof PortalError && (error.code === "path-restricted" || error.code === "frozen")) {
        await this.#refuse(wish, title, error.userMessage, asker);
      }
      throw error;
    }
  }

  async #refuse({ origin }: Wish, object: string, detail: string, { person, address }: Asker): Promise<void> {
    const action = origin.kind === "undo" ? "change-undo" : "change-apply";
    await this.#deps.audit({ actor: person, action, object, outcome: "refused", detail, address });
  }

  async #summary(id: string, person: SignedIn): Promise<ChangeSummary> {
    const row: ChangeRow = await this.#desk.find(id);
    return toSummary(row, undoBlocked(row, await this.#undoFacts(), person, Date.now()), person);
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
