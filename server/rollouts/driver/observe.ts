/** Looks at the world for one release, and does its duty on the way. */
import type { IntervalCounts } from "../analysis/counts.ts";
import type { WebhookOutcome } from "../analysis/judge.ts";
import { msOf } from "../machine/circumstances.ts";
import { dutyOf } from "../machine/duty.ts";
import { isGoingBack, isOnSteps, type Release } from "../machine/state.ts";
import { type Answers, type Judged, type Look, noAnswers } from "../machine/step.ts";
import type { DriverDeps } from "./deps.ts";
import { factsOf, perform } from "./duties.ts";
import type { Pending } from "./pending.ts";
import { readyPodsOf } from "./ready-pods.ts";
import type { StepIntervals } from "./step-intervals.ts";
import { totalsOf } from "./totals.ts";

export interface Watch {
  readonly answers: Pending<Answers>;
  readonly webhooks: Pending<readonly WebhookOutcome[]>;
  readonly intervals: StepIntervals;
}

export async function observe(
  id: string,
  release: Release,
  first: boolean,
  watch: Watch,
  deps: DriverDeps,
): Promise<Look> {
  const { ports, log } = deps;
  const { spec, machine } = release;
  const nowUnixMs = deps.now();
  const duty = dutyOf(release, nowUnixMs);
  const { connected } = ports.mesh;
  // The way back is tried whatever the live copy thinks of the cluster.
  const may = connected || isGoingBack(machine);
  const idle = duty.do === "nothing" || duty.do === "watch" || !may;
  const freshUnixMs = ports.measure.freshUnixMs(spec.service);
  const tell =
    <T>(what: string, otherwise: T) =>
    (error: unknown): T => {
      log.warn(`cannot ask for ${what}`, { release: id, error: String(error) });
      return otherwise;
    };
  const [answers, frozen, drift, judged] = await Promise.all([
    idle
      ? noAnswers
      : watch.answers.ask(id, `${machine.phase} ${machine.round} ${machine.mover.overwrite}`, () =>
          perform(id, release, duty, deps),
        ),
    isGoingBack(machine) ? "" : ports.traffic.frozen(spec.service, nowUnixMs).catch(tell("freezes", "")),
    duty.do === "watch" && connected ? ports.traffic.drift(spec.service).catch(tell("drift", [])) : [],
    duty.do === "watch" && duty.judges ? judgedOf(id, release, freshUnixMs, watch, deps) : null,
  ]);
  return {
    ...(answers ?? noAnswers),
    nowUnixMs,
    connected,
    frozen,
    drift,
    ...readyPodsOf(spec, ports),
    template: isOnSteps(machine) ? (ports.traffic.templateOf(spec.service, spec.canary) ?? null) : null,
    freshUnixMs,
    first,
    judged,
    ...totalsOf(release, ports.measure, nowUnixMs),
  };
}

/** The interval that is over, once the proxies reported all of it. */
async function judgedOf(
  id: string,
  { spec, machine }: Release,
  freshUnixMs: number | null,
  { webhooks, intervals }: Watch,
  { db, ports, judge }: DriverDeps,
): Promise<Judged | null> {
  const { intervalFromUnixMs: from, sinceUnixMs: since } = machine.soak;
  const to = (from ?? 0) + msOf(spec.analysis.interval);
  if (from === null || since === null || freshUnixMs === null || freshUnixMs < to) {
    return null;
  }
  const rules = spec.analysis.webhooks;
  const outcomes = rules.some(({ when }) => when === "during")
    ? await webhooks.ask(id, `${machine.step} ${from}`, () =>
        ports.webhooks.ask(rules, "during", factsOf(id, { spec, machine })),
      )
    : [];
  if (outcomes === null) {
    return null;
  }
  const before = await intervals.of(id, `${machine.step} ${since}`, async (beyond, take) => {
    const rows = await db.rolloutVerdict.findMany({
      where: { rolloutId: id, step: machine.step, fromAt: { gte: new Date(since) }, sequence: { gt: beyond } },
      orderBy: { sequence: "asc" },
      take,
      select: { sequence: true, counts: true },
    });
    // Written by the store, from this very type.
    return rows.map(({ sequence, counts }) => ({ sequence, counts: counts as unknown as IntervalCounts }));
  });
  const counts = ports.measure.interval(spec.service, spec.stable, spec.canary, from, to);
  return { counts, judgement: judge(spec.analysis, [...before, counts], outcomes) };
}
