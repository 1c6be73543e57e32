/** The life of a change that waits: teams agree or reject, the author withdraws, time runs out. */
import type { SignedIn } from "@/server/auth/signed-in.ts";
import type { AuditAction } from "@/server/contracts/audit.ts";
import type { DecisionRequest, WithdrawRequest } from "@/server/contracts/changes.ts";
import type { Guardrails } from "@/server/contracts/guardrails.ts";
import type { Transaction } from "@/server/db/client.ts";
import { PortalError } from "@/server/errors.ts";
import { listNames } from "@/server/golden-paths/path.ts";
import { addEvent } from "./add-event.ts";
import { mustBeApplicable, mustBeWritable, mustRespect } from "./admission.ts";
import { dryRun } from "./apply-steps.ts";
import { type Approver, mayDecideFor } from "./approvers.ts";
import type { ChangeNotifier } from "./change-events.ts";
import { type ChangeRow, originOf, wishOf } from "./change-row.ts";
import { toPortalError } from "./cluster-problem.ts";
import { contentOf } from "./create-change.ts";
import type { ChangeDeps } from "./deps.ts";
import type { Desk, Planned } from "./desk.ts";
import { underLocks } from "./namespace-locks.ts";
import type { Runner } from "./runner.ts";
import { systemActor } from "./system-actor.ts";

interface Asker {
  readonly person: SignedIn;
  readonly address: string;
}

const notWaiting = (): PortalError =>
  new PortalError("not-waiting", "This change waits for nobody any more. Its page says what became of it.");

/** Somebody else was faster. */
const unlessOver = (error: unknown): void => {
  if (!(error instanceof PortalError && error.code === "not-waiting")) {
    throw error;
  }
};

export class Approvals {
  readonly #deps: ChangeDeps;
  readonly #desk: Desk;
  readonly #runner: Runner;
  readonly #notifier: ChangeNotifier;

  constructor(deps: ChangeDeps, desk: Desk, runner: Runner, notifier: ChangeNotifier) {
    this.#deps = deps;
    this.#desk = desk;
    this.#runner = runner;
    this.#notifier = notifier;
  }

  /**
   * Agrees for the person's teams. The last word applies the change: it is proposed again, and where something else would
   * be written than what was agreed to, nothing is applied and all are asked again. Throws PortalError.
   */
  async approve(id: string, { etag, teams, comment }: DecisionRequest, asker: Asker): Promise<void> {
    const row = await this.#waiting(id);
    const mine = await this.#decidable(row, teams, "change-approve", asker);
    if (etag !== row.etag) {
      throw new PortalError(
        "conflict",
        "The change is another by now: the mesh moved, and all were asked again. Look at what it would write now, then decide.",
      );
    }
    const open = row.approvals.filter(({ state, team }) => state === "waiting" && !mine.includes(team));
    if (open.length > 0 && (await this.#agreeBeforeOthers(row, mine, comment, asker))) {
      this.#notifier.moved(id);
      return;
    }
    await underLocks(this.#deps.pool, row.namespaces, async (handOn) => {
      const author = await this.#desk.author(row);
      const planned = await this.#again(row);
      const guardrails = await this.#desk.guardrails();
      const approvers = await this.#desk.approvers(author, planned, guardrails);
      if (planned.proposal.etag !== row.etag || asksOthers(row, approvers)) {
        await this.#askAgain(row, planned, approvers, asker);
        return;
      }
      const breaks = this.#mustStillFit(row, planned, guardrails, asker.person, comment);
      await dryRun(this.#deps.cluster, planned.proposal.steps, row.force).catch((error: unknown) => {
        throw toPortalError(error);
      });
      await this.#apply(row, mine, comment, breaks, asker);
      this.#runner.start(await this.#desk.find(id), handOn());
    });
    this.#notifier.moved(id);
  }

  async reject(id: string, { teams, comment }: DecisionRequest, asker: Asker): Promise<void> {
    const row = await this.#waiting(id);
    const mine = await this.#decidable(row, teams, "change-reject", asker);
    if (comment.trim() === "") {
      throw new PortalError("invalid-input", "Say why: whoever asked for it wants to know.", {
        fields: [{ path: "comment", message: "Say why" }],
      });
    }
    await this.#end(row, "rejected", "change-reject", asker, comment, async (within) => {
      await this.#decide(within, row, mine, "rejected", comment, asker.person);
      return `${asker.person.name} rejected it: ${comment}`;
    });
  }

  async withdraw(id: string, { comment }: WithdrawRequest, asker: Asker): Promise<void> {
    const row = await this.#waiting(id);
    if (row.authorId !== asker.person.id) {
      const detail = "Only whoever asked for a change may withdraw it. A team that is asked can reject it.";
      await this.#refuse(row, "change-withdraw", detail, asker);
      throw new PortalError("forbidden", detail);
    }
    const text = `${asker.person.name} withdrew it${comment === "" ? "" : `: ${comment}`}`;
    await this.#end(row, "withdrawn", "change-withdraw", asker, comment, async () => text);
  }

  /** The release that asked wants something else by now; nothing when somebody was faster. */
  async overtake(id: string, why: string): Promise<void> {
    const row = await this.#desk.find(id);
    const asker = { person: systemActor, address: "" };
    await this.#end(row, "withdrawn", "change-withdraw", asker, why, async () => why).catch(unlessOver);
  }

  /** Ends what waited too long. Called by the leader; another process that does the same finds nothing. */
  async expire(nowUnixMs: number): Promise<void> {
    const late = await this.#deps.db.change.findMany({
      where: { state: "waiting", expiresAt: { lte: new Date(nowUnixMs) } },
      select: { id: true },
      take: 100,
    });
    for (const { id } of late) {
      await this.#expire(await this.#desk.find(id));
    }
  }

  async #expire(row: ChangeRow): Promise<void> {
    const open = row.approvals.filter(({ state }) => state === "waiting").map(({ title }) => title);
    const text = `No word from ${listNames(open)} in time. Ask again to apply it.`;
    await this.#end(
      row,
      "expired",
      "change-expired",
      { person: systemActor, address: "" },
      text,
      async () => text,
    ).catch(unlessOver);
  }

  /** Throws `not-waiting`, also when its time is over: then it is ended at once. */
  async #waiting(id: string): Promise<ChangeRow> {
    const row = await this.#desk.find(id);
    if (row.state !== "waiting") {
      throw notWaiting();
    }
    if (row.expiresAt !== null && row.expiresAt.getTime() <= Date.now()) {
      await this.#expire(row);
      throw notWaiting();
    }
    return row;
  }

  /** Teams of the change that the person decides for now. Throws `own-change` or `not-waiting`; refusals are audited. */
  async #decidable(
    row: ChangeRow,
    wanted: readonly string[],
    action: AuditAction,
    asker: Asker,
  ): Promise<readonly string[]> {
    const { person } = asker;
    if (row.authorId === person.id) {
      const detail = "Nobody decides about their own change. Somebody else of the team, or a platform engineer, can.";
      await this.#refuse(row, action, detail, asker);
      throw new PortalError("own-change", detail);
    }
    const open = row.approvals.filter(({ state }) => state === "waiting").map(({ team }) => team);
    const mine = open.filter((team) => mayDecideFor(person, team));
    const chosen = wanted.length === 0 ? mine : wanted;
    if (chosen.length === 0 || chosen.some((team) => !mine.includes(team))) {
      const titles = row.approvals.filter(({ state }) => state === "waiting").map(({ title }) => title);
      const detail = `This change waits for ${listNames(titles)}, not for you.`;
      await this.#refuse(row, action, detail, asker);
      throw new PortalError("not-waiting", detail);
    }
    return [...new Set(chosen)];
  }

  /** A refused attempt on record. */
  async #refuse(row: ChangeRow, action: AuditAction, detail: string, { person, address }: Asker): Promise<void> {
    const object = `change ${row.number}: ${row.title}`;
    await this.#deps.audit({ actor: person, action, object, outcome: "refused", detail, address });
  }

  async #again(row: ChangeRow): Promise<Planned> {
    return this.#desk.planLive(await this.#desk.plan(wishOf(row)));
  }

  /** What was asked when it was proposed is asked again, since time passed. Answers the freeze that is broken. */
  #mustStillFit(
    row: ChangeRow,
    { proposal, touched }: Planned,
    guardrails: Guardrails,
    decider: SignedIn,
    comment: string,
  ): string | undefined {
    mustBeWritable(proposal);
    mustBeApplicable(
      proposal,
      { etag: row.etag, confirmation: proposal.filled.confirmWord, reason: row.reason, force: row.force },
      () => [],
    );
    return mustRespect(guardrails, proposal, originOf(row).kind, touched, decider, comment, Date.now());
  }

  async #apply(
    row: ChangeRow,
    mine: readonly string[],
    comment: string,
    breaks: string | undefined,
    asker: Asker,
  ): Promise<void> {
    await this.#deps.db.$transaction(async (within) => {
      await this.#hold(within, row);
      await this.#agree(within, row, mine, comment, asker);
      const { count } = await within.change.updateMany({
        where: { id: row.id, state: "waiting", etag: row.etag },
        data: { state: "applying" },
      });
      if (count === 0) {
        throw notWaiting();
      }
      if (breaks !== undefined) {
        await addEvent(within, row.id, "warning", `${asker.person.name} lets it be applied during a freeze. ${breaks}`);
      }
      await this.#deps.audit(
        {
          actor: row.author,
          action: row.undoOfId === null ? "change-apply" : "change-undo",
          object: `change ${row.number}: ${row.title}`,
          outcome: "done",
          detail: `Agreed by ${asker.person.name} as the last${breaks === undefined ? "" : `. Breaks a freeze. ${breaks}`}`,
        },
        within,
      );
    });
  }

  /** False when the others agreed meanwhile: then this is the last word. */
  async #agreeBeforeOthers(row: ChangeRow, mine: readonly string[], comment: string, asker: Asker): Promise<boolean> {
    return this.#deps.db.$transaction(async (within) => {
      await this.#hold(within, row);
      const open = await within.changeApproval.count({
        where: { changeId: row.id, state: "waiting", team: { notIn: [...mine] } },
      });
      if (open === 0) {
        return false;
      }
      await this.#agree(within, row, mine, comment, asker);
      return true;
    });
  }

  /** Decisions about one change come one after the other, each about the version that it was read with. */
  async #hold(within: Transaction, { id, etag }: ChangeRow): Promise<void> {
    const { count } = await within.change.updateMany({ where: { id, etag, state: "waiting" }, data: { etag } });
    if (count === 0) {
      throw notWaiting();
    }
  }

  async #agree(
    within: Transaction,
    row: ChangeRow,
    teams: readonly string[],
    comment: string,
    { person, address }: Asker,
  ): Promise<void> {
    await this.#decide(within, row, teams, "approved", comment, person);
    const titles = row.approvals.filter(({ team }) => teams.includes(team)).map(({ title }) => title);
    const words = comment === "" ? "" : `: ${comment}`;
    await addEvent(within, row.id, "info", `${person.name} agreed for ${listNames(titles)}${words}`);
    await this.#deps.audit(
      {
        actor: person,
        action: "change-approve",
        object: `change ${row.number}: ${row.title}`,
        outcome: "done",
        detail: `for ${listNames(titles)}${words}`,
        address,
      },
      within,
    );
  }

  async #decide(
    within: Transaction,
    row: ChangeRow,
    teams: readonly string[],
    state: "approved" | "rejected",
    comment: string,
    person: SignedIn,
  ): Promise<void> {
    const { count } = await within.changeApproval.updateMany({
      where: { changeId: row.id, team: { in: [...teams] }, state: "waiting", change: { state: "waiting" } },
      data: { state, deciderId: person.id, decidedAt: new Date(), comment },
    });
    if (count !== teams.length) {
      throw notWaiting();
    }
  }

  /** Something else would be written by now: everybody looks again. */
  async #askAgain(row: ChangeRow, planned: Planned, approvers: readonly Approver[], asker: Asker): Promise<void> {
    const impact = await this.#desk.assess(planned.proposal);
    await this.#deps.db.$transaction(async (within) => {
      const { count } = await within.change.updateMany({
        where: { id: row.id, state: "waiting", etag: row.etag },
        data: contentOf(planned, impact),
      });
      if (count === 0) {
        throw notWaiting();
      }
      await within.changeApproval.deleteMany({ where: { changeId: row.id } });
      await within.changeApproval.createMany({
        // An author who would be asked nobody for by now still proposed it to these.
        data: (approvers.length === 0 ? row.approvals : approvers).map(({ team, title, namespaces }) => ({
          changeId: row.id,
          team,
          title,
          namespaces: [...namespaces],
        })),
      });
      const text =
        "The mesh moved since this was proposed: something else would be written by now. Nothing was applied. Look at the new version and agree again.";
      await addEvent(within, row.id, "warning", text);
      await this.#deps.audit(
        {
          actor: asker.person,
          action: "change-approve",
          object: `change ${row.number}: ${row.title}`,
          outcome: "refused",
          detail: text,
          address: asker.address,
        },
        within,
      );
    });
  }

  async #end(
    row: ChangeRow,
    state: "rejected" | "withdrawn" | "expired",
    action: AuditAction,
    { person, address }: Asker,
    detail: string,
    before: (within: Transaction) => Promise<string>,
  ): Promise<void> {
    await this.#deps.db.$transaction(async (within) => {
      await this.#hold(within, row);
      const text = await before(within);
      const { count } = await within.change.updateMany({
        where: { id: row.id, state: "waiting" },
        data: { state, finishedAt: new Date() },
      });
      if (count === 0) {
        throw notWaiting();
      }
      await addEvent(within, row.id, state === "expired" ? "warning" : "info", text);
      const object = `change ${row.number}: ${row.title}`;
      await this.#deps.audit({ actor: person, action, object, outcome: "done", detail, address }, within);
    });
    this.#notifier.moved(row.id);
  }
}

/** Teams must agree by now that were not asked. */
const asksOthers = (row: ChangeRow, approvers: readonly Approver[]): boolean =>
  approvers.some(
    ({ team, namespaces }) =>
      !row.approvals.some((asked) => asked.team === team && namespaces.every((one) => asked.namespaces.includes(one))),
  );
