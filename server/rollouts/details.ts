/** Releases as people see them. */
import * as z from "zod";
import type { SignedIn } from "@/server/auth/signed-in.ts";
import {
  type ChainCheck,
  type IntervalVerdict,
  measureVerdict,
  type RolloutDetails,
  type RolloutSummary,
  verdict,
} from "@/server/contracts/rollouts.ts";
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
import { type RolloutRow, releaseOf, stateOfRow } from "./store/rows.ts";
import { isReadable, unreadableRelease, unreadableSummary } from "./store/unreadable.ts";
import { undoMovedOn } from "./undo-left.ts";

const verdictsShown = 50;
const eventsShown = 500;

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
  const { db, ports } = deps;
  const readable = isReadable(row);
  const release = readable ? releaseOf(row) : unreadableRelease(row);
  const { spec, machine } = release;
  const nowUnixMs = deps.now();
  const { totals } = totalsOf(release, ports.measure, nowUnixMs);
  const [queuePlace, verdicts, events, changes, undo, drift, answering, limit] = await Promise.all([
    queuePlaceOf(row, deps),
    readVerdicts(row.id, deps),
    db.rolloutEvent.findMany({
      where: { rolloutId: row.id },
      orderBy: { sequence: "desc" },
      take: eventsShown,
      include: { actor: true },
    }),
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
    verdicts,
    nextVerdictUnixMs:
      isJudged(spec, machine) && intervalFromUnixMs !== null ? intervalFromUnixMs + msOf(spec.analysis.interval) : null,
    events: events.toReversed().map(({ sequence, time, level, kind, actor, text, changeNumber }) => ({
      sequence,
      timeUnixMs: time.getTime(),
      level: level === "good" || level === "warning" || level === "error" ? level : "info",
      kind,
      actor: actor === null ? null : { id: actor.id, name: actor.name, initials: actor.initials },
      text,
      changeNumber,
    })),
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

const counts = z.object({
  stable: z.object({ requests: z.int() }),
  canary: z.object({ requests: z.int(), errors: z.int() }),
});

/** Newest last. */
export async function readVerdicts(
  rolloutId: string,
  { db }: Pick<DriverDeps, "db">,
  take = verdictsShown,
): Promise<IntervalVerdict[]> {
  const rows = await db.rolloutVerdict.findMany({ where: { rolloutId }, orderBy: { sequence: "desc" }, take });
  return rows.toReversed().map((row) => {
    const { stable, canary } = counts.parse(row.counts);
    return {
      sequence: row.sequence,
      step: row.step,
      fromUnixMs: row.fromAt.getTime(),
      toUnixMs: row.toAt.getTime(),
      verdict: verdict.parse(row.verdict),
      stableRequests: stable.requests,
      canaryRequests: canary.requests,
      canaryErrors: canary.errors,
      measures: measureVerdict.array().parse(row.measures),
    };
  });
}
