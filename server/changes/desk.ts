import { personParts, toSignedIn } from "@/server/auth/sessions.ts";
import type { SignedIn } from "@/server/auth/signed-in.ts";
import { awaitSync } from "@/server/cluster/await-sync.ts";
import type { Impact, ImpactWindow } from "@/server/contracts/golden-paths.ts";
import type { Guardrails } from "@/server/contracts/guardrails.ts";
import { PortalError } from "@/server/errors.ts";
import { intentNamespace } from "@/server/golden-paths/intent.ts";
import type { PathContext } from "@/server/golden-paths/path.ts";
import { canonical } from "@/server/golden-paths/resource.ts";
import { readGuardrails } from "@/server/guardrails/guardrails.ts";
import { type Approver, approversOf, readOwners } from "./approvers.ts";
import { assessSteps } from "./assess.ts";
import { type ChangeRow, findRow } from "./change-row.ts";
import { readIntents } from "./current-intents.ts";
import type { ChangeDeps } from "./deps.ts";
import { cachedObjects, liveObjects } from "./live-objects.ts";
import type { Wish } from "./origin.ts";
import type { Proposal } from "./proposal.ts";
import { proposeWish } from "./propose-wish.ts";
import { rulesOver } from "./rules-over.ts";
import { mustLeaveReleasesAlone } from "./running-release.ts";
import { systemActor } from "./system-actor.ts";
import { touchedNamespaces } from "./touched.ts";

/** A wish against the cluster, with whose things it touches. */
export interface Planned {
  readonly wish: Wish;
  readonly proposal: Proposal;
  /** Namespaces, derived from what would be written too. */
  readonly touched: readonly string[];
}

/** Works out what wishes mean: against the live copy for a preview, against the server itself for applying. */
export class Desk {
  readonly #deps: ChangeDeps;

  constructor(deps: ChangeDeps) {
    this.#deps = deps;
  }

  async context(): Promise<PathContext> {
    await awaitSync(this.#deps.cluster);
    return {
      inventory: this.#deps.inventory.current,
      current: await readIntents(this.#deps.db),
      traffic: this.#deps.insight(),
      nowUnixMs: Date.now(),
    };
  }

  /** As the live copy has it. */
  async plan(wish: Wish): Promise<Planned> {
    const undone = await this.#undone(wish);
    return planned(wish, proposeWish(wish, await this.context(), cachedObjects(this.#deps.cluster), undone));
  }

  /** Straight from the server; to be called under the locks of the first plan's namespaces. Throws PortalError. */
  async planLive(first: Planned): Promise<Planned> {
    const { wish } = first;
    const undone = await this.#undone(wish);
    const live = await liveObjects(this.#deps.cluster, first.proposal.steps);
    const again = planned(wish, proposeWish(wish, await this.context(), live, undone));
    if (wish.origin.kind !== "rollout") {
      await mustLeaveReleasesAlone(again.proposal, this.#deps.db);
    }
    if (again.touched.some((namespace) => !first.touched.includes(namespace))) {
      throw new PortalError(
        "conflict",
        "The mesh moved while this was looked at. Look at the new preview, then apply.",
      );
    }
    return again;
  }

  /** What it would do to the traffic of a window; the last hour by default. */
  assess({ steps }: Pick<Proposal, "steps">, windowSeconds: ImpactWindow = 3_600): Promise<Impact> {
    return assessSteps(steps, this.#deps, windowSeconds, Date.now());
  }

  guardrails(): Promise<Guardrails> {
    return readGuardrails(this.#deps.db);
  }

  async approvers(author: SignedIn, { touched, wish, proposal }: Planned, guardrails: Guardrails): Promise<Approver[]> {
    return approversOf(
      author,
      touched,
      { approval: rulesOver(guardrails, proposal, wish.origin.kind).some(({ approval }) => approval) },
      await readOwners(this.#deps.db),
    );
  }

  /** The author with the roles and teams of today. */
  async author({ authorId }: ChangeRow): Promise<SignedIn> {
    return authorId === systemActor.id ? systemActor : this.person(authorId);
  }

  /** Somebody with the roles and teams of today. */
  async person(id: string): Promise<SignedIn> {
    const user = await this.#deps.db.user.findUnique({ where: { id }, include: personParts });
    if (user === null) {
      throw new PortalError("not-found", "Whoever proposed this is not known any more.");
    }
    return toSignedIn(user, new Date(0));
  }

  async find(id: string): Promise<ChangeRow> {
    const row = /^[0-9a-f-]{36}$/.test(id) ? await findRow(this.#deps.db, id) : null;
    if (row === null) {
      throw new PortalError("not-found", "There is no such change. The list of changes has them all.");
    }
    return row;
  }

  async #undone({ origin }: Wish): Promise<ChangeRow | undefined> {
    return origin.kind === "undo" ? this.find(origin.changeId) : undefined;
  }
}

/** Whose rules change, also where nothing is written: what is live may be so already. */
const decidedOver = ({ intentChanges }: Proposal): string[] =>
  intentChanges.flatMap(({ before, after }) =>
    canonical(before ?? null) === canonical(after ?? null)
      ? []
      : [before, after].flatMap((one) => (one === undefined ? [] : [intentNamespace(one)])),
  );

const planned = (wish: Wish, proposal: Proposal): Planned => ({
  wish,
  proposal,
  touched: touchedNamespaces([...proposal.filled.plan.namespaces, ...decidedOver(proposal)], proposal.steps),
});
