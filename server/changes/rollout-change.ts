/** A step of a release as an ordinary change: admitted, proposed straight from the server, on record, taken to its end. */
import { personParts, toSignedIn } from "@/server/auth/sessions.ts";
import { capabilitiesOf, type SignedIn } from "@/server/auth/signed-in.ts";
import type { ReleaseAVersionForm } from "@/server/contracts/golden-paths/release.ts";
import type { Guardrails } from "@/server/contracts/guardrails.ts";
import type { Database } from "@/server/db/client.ts";
import { PortalError } from "@/server/errors.ts";
import { freezeOf, freezeText } from "@/server/guardrails/rules.ts";
import { mustBeApplicable, mustBeWritable, mustRespect } from "./admission.ts";
import { dryRun } from "./apply-steps.ts";
import type { Approver } from "./approvers.ts";
import type { ChangeRow } from "./change-row.ts";
import { stateOf } from "./change-row.ts";
import { toPortalError } from "./cluster-problem.ts";
import { createChange } from "./create-change.ts";
import type { ChangeDeps } from "./deps.ts";
import type { Desk, Planned } from "./desk.ts";
import { letSharesGo } from "./held-shares.ts";
import { underLocks } from "./namespace-locks.ts";
import type { Wish } from "./origin.ts";
import { changesNothing, isUnchanged } from "./proposal.ts";
import type { Runner } from "./runner.ts";
import { mustStillBeWanted } from "./still-wanted.ts";
import { ensureSystemActor, systemActor } from "./system-actor.ts";

export interface RolloutWish {
  readonly rolloutId: string;
  /** Who asked for the step; null for the release itself, which may no more than whoever started it. */
  readonly by: string | null;
  readonly values: ReleaseAVersionForm;
  readonly reason: string;
  /** It gives the new version no more than it has: nothing may keep it back but the cluster. */
  readonly back: boolean;
  /** Write over what others edited. */
  readonly overwrite: boolean;
  /** Its last change was written and not confirmed: where nothing is left to write, the proxies are asked again. */
  readonly unconfirmed: boolean;
}

/**
 * Writes the change, applying or waiting for other teams; undefined when everything is so already. Throws PortalError:
 * `change-in-progress` while another change holds the namespaces, `frozen`, `conflict` for an edit by somebody else,
 * and what any form is refused for.
 */
export async function changeForRollout(
  { rolloutId, by, values, reason, back, overwrite, unconfirmed }: RolloutWish,
  deps: ChangeDeps,
  desk: Desk,
  runner: Runner,
): Promise<ChangeRow | undefined> {
  const wish: Wish = { origin: { kind: "rollout", rolloutId, by, back }, slug: "release-a-version", values };
  const starter = await starterOf(rolloutId, deps.db);
  const person = by === null ? starter : await desk.person(by);
  const first = await desk.plan(wish);
  return underLocks(deps.pool, first.touched, async (handOn) => {
    await mustStillBeWanted(rolloutId, values, deps.db);
    const planned = await desk.planLive(first);
    const { proposal, touched } = planned;
    const standsAlready = changesNothing(proposal);
    if (standsAlready && !unconfirmed) {
      await letSharesGo(deps.db, values.service);
      return undefined;
    }
    const guardrails = await desk.guardrails();
    const force = back || overwrite;
    mustBeWritable(proposal);
    const breaks =
      back || standsAlready
        ? freezeTextOf(guardrails, touched)
        : mustBeAdmitted(planned, guardrails, { person, byItself: by === null, reason, force });
    const asked = back || standsAlready ? [] : await desk.approvers(person, planned, guardrails);
    const approvers = await unheard(asked, rolloutId, deps.db);
    if (!proposal.steps.every(isUnchanged)) {
      await dryRun(deps.cluster, proposal.steps, force).catch((error: unknown) => {
        throw toPortalError(error);
      });
    }
    await ensureSystemActor(deps.db);
    const row = await createChange(
      {
        ...planned,
        impact: await desk.assess(proposal),
        // Who asks other teams can take the question back.
        author: by !== null || approvers.length > 0 ? person : systemActor,
        address: "",
        openedUnixMs: Date.now(),
        reason,
        force,
        approvers,
        approvalHours: guardrails.approvalHours,
        breaks,
      },
      deps,
    );
    if (stateOf(row) === "applying") {
      runner.start(row, handOn());
    }
    return row;
  });
}

async function starterOf(rolloutId: string, db: Database): Promise<SignedIn> {
  const rollout = await db.rollout.findUnique({
    where: { id: rolloutId },
    select: { startedBy: { include: personParts } },
  });
  if (rollout === null) {
    throw new PortalError("not-found", "There is no such release. The list of releases has them all.");
  }
  return toSignedIn(rollout.startedBy, new Date(0));
}

const freezeTextOf = (guardrails: Guardrails, touched: readonly string[]): string | undefined => {
  const freeze = freezeOf(guardrails, touched, Date.now());
  return freeze === undefined ? undefined : freezeText(freeze);
};

interface Asking {
  readonly person: SignedIn;
  /** Nobody asked for this step: it breaks no freeze. */
  readonly byItself: boolean;
  readonly reason: string;
  readonly force: boolean;
}

/** Answers the freeze that a person breaks. Throws PortalError. */
function mustBeAdmitted(
  { proposal, touched, wish }: Planned,
  guardrails: Guardrails,
  { person, byItself, reason, force }: Asking,
): string | undefined {
  if (!capabilitiesOf(person).preview) {
    throw new PortalError("forbidden", `The role of ${person.name} (${person.roles.join(", ")}) does not allow this.`);
  }
  const breaks = mustRespect(
    guardrails,
    proposal,
    wish.origin.kind,
    touched,
    person,
    byItself ? "" : reason,
    Date.now(),
  );
  mustBeApplicable(proposal, { etag: proposal.etag, confirmation: "", reason, force }, () => []);
  return breaks;
}

/** Teams that have not agreed to this release yet, for what is theirs of this step. */
async function unheard(asked: readonly Approver[], rolloutId: string, db: Database): Promise<Approver[]> {
  if (asked.length === 0) {
    return [];
  }
  const agreed = await db.changeApproval.findMany({
    where: { state: "approved", change: { rolloutId } },
    select: { team: true, namespaces: true },
  });
  return asked.filter(({ team, namespaces }) => {
    const heard = agreed.filter((one) => one.team === team);
    return heard.length === 0 || !namespaces.every((name) => heard.some((one) => one.namespaces.includes(name)));
  });
}
