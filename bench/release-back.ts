/**
 * How long a whole release that goes back still costs its callers: from the request of a person to abort it, with
 * sign-in, row and all, and from an analysis that failed. A portal process over a real mesh, under load.
 */
import { setTimeout as pause } from "node:timers/promises";
import { TestMesh } from "../scenarios/mesh.ts";
import { PortalHost } from "../scenarios/rollouts/portal-host.ts";
import { type Answer, at, openShops, timedAnswers } from "../scenarios/rollouts/shops.ts";
import type { RolloutDetails } from "../server/contracts/rollouts.ts";
import { markdownTable, ms, quantile } from "./table.ts";

/** The new version answers so long before a person takes it back. */
const beforeMs = 300;
/** Nothing else happens so long afterwards, so that a late answer would be seen. */
const afterMs = 700;
/** Requests in flight at any time, each after a pause. */
const load = ["--seconds", "5", "--connections", "8", "--pause-ms", "4"];
/** Fewer answers around a moment say nothing: the load was just beginning anew. */
const leastAnswers = 20;

const specOf = (name: string, more: object) => ({
  ...{ service: { namespace: at, name }, kind: "progressive", stable: "v1", canary: "v2" },
  ...more,
});
const inForce = ({ state, hold, weight }: RolloutDetails): boolean =>
  weight === 50 && (state === "running" || hold === "gate");
const ended = ({ state }: RolloutDetails): boolean => state === "rolled-back";
const nowUnixMs = (): number => performance.timeOrigin + performance.now();

/** Moments, each by its own name, from which the last answer of the new version is looked for. */
type Moments = Readonly<Record<string, number>>;
interface Round {
  readonly from: Moments;
  readonly untilUnixMs: number;
}

/** A table for RESULTS.md: `rounds` releases of each kind. */
export async function releaseBackReport(rounds: number): Promise<string> {
  await using mesh = await TestMesh.start();
  await openShops(mesh, ["first", "failing"]);
  await using portal = await PortalHost.start(mesh);
  const { url, cookie } = await portal.call("api");
  const abort = async (): Promise<Round> => {
    const steps = [{ weight: 50, analysis: false, gate: true }, { weight: 100 }];
    const { id } = await portal.call("start", specOf("first", { steps }));
    await portal.until(id, inForce, "half of the calls go to the new version");
    await pause(beforeMs);
    const began = nowUnixMs();
    const { status } = await fetch(`${url}/api/v1/rollouts/${id}/abort`, {
      method: "POST",
      headers: { cookie, "content-type": "application/json" },
      body: "{}",
    });
    if (status !== 202) {
      throw new Error(`the abort was answered ${status}`);
    }
    await pause(afterMs);
    const untilUnixMs = nowUnixMs();
    await portal.until(id, ended, "it is back");
    return { from: { [posted]: began }, untilUnixMs };
  };
  const fail = async (): Promise<Round> => {
    const analysis = { interval: "2s", passes: 1, misses: 0, minRequests: 20, inconclusive: 1_000 };
    const { id } = await portal.call(
      "start",
      specOf("failing", { steps: [{ weight: 50 }, { weight: 100 }], analysis }),
    );
    const { verdicts, events } = await portal.until(id, ended, "the analysis takes it back");
    await pause(afterMs);
    const recorded = events.find(({ kind }) => kind === "rolling-back")?.timeUnixMs ?? Number.NaN;
    return {
      from: { [failedInterval]: verdicts.at(-1)?.toUnixMs ?? Number.NaN, [failedVerdict]: recorded },
      untilUnixMs: nowUnixMs(),
    };
  };
  const rows = [...(await measured(mesh, "first", rounds, abort)), ...(await measured(mesh, "failing", rounds, fail))];
  return markdownTable([
    [
      "a whole release, until the last answer of the new version",
      "rounds",
      "p50",
      "p95",
      "worst",
      "requests",
      "no answer",
    ],
    ...rows,
  ]);
}

const posted = "from POST …/abort";
const failedInterval = "from the end of the interval that failed";
const failedVerdict = "from the failed verdict";

async function measured(
  mesh: TestMesh,
  service: string,
  rounds: number,
  round: () => Promise<Round>,
): Promise<(string | number)[][]> {
  let running = true;
  const answers = (async (): Promise<Answer[]> => {
    const all: Answer[] = [];
    while (running) {
      all.push(...(await timedAnswers(mesh, service, ...load)));
    }
    return all;
  })();
  const done: Round[] = [];
  for (let index = 0; index < rounds; index++) {
    done.push(await round());
  }
  running = false;
  const got = await answers;
  const lost = got.filter(([, status]) => status === 0).length;
  return Object.keys(done[0]?.from ?? {}).map((name) => {
    const last = done.flatMap(({ from, untilUnixMs }) => {
      const began = from[name] ?? Number.NaN;
      const during = got.filter(([time]) => time >= began && time < untilUnixMs);
      const canary = during.filter(([, , version]) => version === "v2").map(([time]) => time - began);
      return during.length < leastAnswers ? [] : [Math.max(0, ...canary)];
    });
    const figures = [quantile(last, 0.5), quantile(last, 0.95), Math.max(...last)].map(ms);
    return [name, last.length, ...figures, got.length, lost];
  });
}
