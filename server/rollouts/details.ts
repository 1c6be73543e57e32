/** Releases as people see them. */
import type { SignedIn } from "@/server/auth/signed-in.ts";
import type { RolloutReport } from "@/server/contracts/rollout-report.ts";
import type { ChainCheck, RolloutDetails, RolloutSummary } from "@/server/contracts/rollouts.ts";
import { mayMove, undoBlocked } from "./commands.ts";
import type { DriverDeps } from "./driver/deps.ts";
import { readyPodsOf } from "./driver/ready-pods.ts";
import { totalsOf } from "./driver/totals.ts";
import { answeringBy, versionsOf, weightOf } from "./figures.ts";
import { isJudged, msOf } from "./machine/circumstances.ts";
import { gateEndsOf } from "./machine/gate-clock.ts";
import { holdingOf, wayBackOf } from "./machine/holding.ts";
import { holdOf, type Release } from "./machine/state.ts";
import { headline, trackOf } from "./machine/words.ts";
import { offersOf } from "./offers.ts";
import type { Drifted } from "./ports.ts";
import { ratesOf } from "./rates.ts";
import { readShareLimit } from "./release-limits.ts";
import { readHistory } from "./store/history.ts";
import { type RolloutRow, releaseOf, stateOfRow } from "./store/rows.ts";
import { isReadable, unreadableRelease, unreadableSummary } from "./store/unreadable.ts";
import { undoMovedOn } from "./undo-left.ts";

const shown = { verdicts: 50, events: 500 };

export function toSummary(
  row: RolloutRow,
  queuePlace: number,
  deps: Pick<DriverDeps, "ports" | "now">,
): RolloutSummary {
  const release = releaseOf(row);
  const { spec, machine } = release;
  const served = totalsOf(release, deps.ports.measure, deps.now()).totals.canary;
  return {
    id: row.id,
    number: row.number,
    service: spec.service,
    kind: spec.kind,
    stable: spec.stable,
    canary: spec.canary,
    state: stateOfRow(row),
    revision: row.revision,
    hold: holdOf(machine),
    headline: headline(release, served),
    weight: weightOf(release),
    step: machine.step,
    steps: spec.steps.length,
    startedBy: { id: row.startedBy.id, name: row.startedBy.name, initials: row.startedBy.initials },
    reason: row.reason,
    createdUnixMs: row.createdAt.getTime(),
    startedUnixMs: row.startedAt?.getTime() ?? null,
    finishedUnixMs: row.finishedAt?.getTime() ?? null,
    canaryRequests: served.requests,
    canaryErrors: served.errors,
    bundle: row.bundle,
    queuePlace,
  };
}

/** Place in the queue of its service, from 1. */
export async function queuePlaceOf(row: RolloutRow, { db }: Pick<DriverDeps, "db">): Promise<number> {
  return row.state === "queued"
    ? db.rollout.count({
        where: { namespace: row.namespace, service: row.service, state: "queued", number: { lte: row.number } },
      })
    : 0;
}

const notAsked: ChainCheck = { state: "not-asked", checkedUnixMs: null, hops: [], sentence: "" };

export async function toDetails(row: RolloutRow, person: SignedIn, deps: DriverDeps): Promise<RolloutDetails> {
  const { of: _of, ...details } = await toReport(row, person, deps, shown);
  return details;
}

/** With at most so many intervals and events, the newest; and how many there are. */
export async function toReport(
  row: RolloutRow,
  person: SignedIn,
  deps: DriverDeps,
  most: { readonly verdicts: number; readonly events: number },
): Promise<RolloutReport> {
  const { db, ports } = deps;
  const readable = isReadable(row);
  const release = readable ? releaseOf(row) : unreadableRelease(row);
  const { spec, machine } = release;
  const nowUnixMs = deps.now();
  const { totals } = totalsOf(release, ports.measure, nowUnixMs);
  const [queuePlace, { verdicts, events, of }, changes, undo, drift, answering, limit] = await Promise.all([
    queuePlaceOf(row, deps),
    readHistory(row.id, most, db),
    db.change.findMany({
      where: { rolloutId: row.id },
      orderBy: { number: "asc" },
      select: { id: true, number: true, title: true, state: true },
    }),
    row.state === "completed" ? undoBlocked(row, db).then((why) => why || undoMovedOn(row, ports.traffic)) : "",
    driftedOf(release, ports),
    machine.phase === "ended" ? ports.traffic.inForce(spec.service).then(answeringBy) : [],
    readShareLimit(db),
  ]);
  const versions = versionsOf(release, totals, ports, nowUnixMs);
  const ready = readyPodsOf(spec, ports);
  const { intervalFromUnixMs } = machine.soak;
  return {
    ...(readable ? toSummary(row, queuePlace, deps) : unreadableSummary(row)),
    spec,
    enteredUnixMs: machine.enteredUnixMs,
    answering,
    holding: holdingOf(release),
    gateEnds: gateEndsOf(release),
    wayBack: wayBackOf(release, ready),
    track: trackOf(release, totals.canary, nowUnixMs),
    versions,
    verdicts: [...verdicts],
    nextVerdictUnixMs:
      isJudged(spec, machine) && intervalFromUnixMs !== null ? intervalFromUnixMs + msOf(spec.analysis.interval) : null,
    events: [...events],
    actions: offersOf(
      release,
      mayMove(person, row),
      undo,
      { ...ratesOf(release, ports.measure, nowUnixMs), ...ready },
      limit,
    ),
    reach: ports.chain.reach(spec),
    chain: machine.chain ?? notAsked,
    drift: drift.map(({ resource, manager, words }) => ({ resource, manager, words })),
    changes,
    of,
  };
}

/** What it waits for a person about; the route of a version that was changed may be as it should be. */
async function driftedOf(
  { spec, machine }: Pick<Release, "spec" | "machine">,
  { traffic }: Pick<DriverDeps["ports"], "traffic">,
): Promise<readonly Drifted[]> {
  if (!machine.holds.drift) {
    return [];
  }
  if (!machine.holds.version) {
    return traffic.drift(spec.service).catch(() => []);
  }
  const template = traffic.templateOf(spec.service, spec.canary);
  return template === undefined
    ? []
    : [{ resource: template.resource, manager: template.manager, words: machine.holds.words }];
}
