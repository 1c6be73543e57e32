/**
 * How long a release that goes back still costs: from the call of `placeNow` to the last answer of the new version, under
 * load through a real waypoint; the same while another change holds the namespace's lock, and for an undo after the end.
 * Beside it: how long a step takes until every proxy has confirmed it.
 *
 * `node --import ./bench/portal-imports.ts bench/time-to-abort.ts [all | route | release] [rounds]`: `route` is this
 * alone, `release` what whole releases take (`release-back.ts`), of which there are 25 unless `rounds` says otherwise.
 */
import { setTimeout as pause } from "node:timers/promises";
import { Company } from "../scenarios/company.ts";
import { PortalChanges } from "../scenarios/portal-changes.ts";
import { allToStable, ReleaseTraffic, service, shares } from "../scenarios/release-traffic.ts";
import { tryNamespaces } from "../server/changes/namespace-locks.ts";
import { releaseBackReport } from "./release-back.ts";
import { markdownTable, ms, quantile } from "./table.ts";

const weightSteps = 20;
const roundsOf = { step: 25, "locked step": 25, end: 25 };
/** The new version answers so long before it is taken back, and nothing else happens so long afterwards. */
const beforeMs = 300;
const afterMs = 700;
/** Requests in flight at any time, each after a pause. */
const load = ["--connections", "8", "--pause-ms", "4"];

interface Round {
  readonly beganUnixMs: number;
  readonly endUnixMs: number;
  readonly answeredMs: number;
}

type What = "all" | "route" | "release";

/** Tables for RESULTS.md. `rounds` are those of whole releases. */
export async function timeToAbortReport(what: What = "all", rounds = 25): Promise<string> {
  const route = what === "release" ? [] : [await routeReport()];
  const release = what === "route" ? [] : [await releaseBackReport(rounds)];
  return [...route, ...release].join("\n\n");
}

async function routeReport(): Promise<string> {
  await using company = await Company.start();
  await using portal = await PortalChanges.start(company.mesh);
  const release = new ReleaseTraffic(company, portal);
  const owner = { ...(await release.begin()), by: null };
  await release.place(owner, allToStable);
  let round = 0;
  const steps = { versions: [] as number[], weights: [] as number[], ends: [] as number[] };
  const step = async (weight: number, into: number[]): Promise<void> => {
    const began = performance.now();
    await release.place({ ...owner, by: "pat" }, shares(weight, { round: ++round }));
    into.push(performance.now() - began);
  };
  const toTheEnd = async (into: number[]): Promise<void> => {
    await step(100, []);
    const began = performance.now();
    const end = shares(0, { stable: "v2", canary: "v1", round: ++round });
    await release.place({ ...owner, by: "pat" }, end);
    into.push(performance.now() - began);
  };
  const measure = async (rounds: number, from: "step" | "locked step" | "end"): Promise<number[][]> => {
    const done: Round[] = [];
    let running = true;
    const answers = (async () => {
      const all = [];
      while (running) {
        all.push(...(await release.answers("--seconds", "5", ...load)));
      }
      return all;
    })();
    for (let index = 0; index < rounds; index++) {
      await (from === "end" ? toTheEnd(steps.ends) : step(50, steps.versions));
      await pause(beforeMs);
      const unlock = from === "locked step" ? await tryNamespaces(portal.deps.pool, [service.namespace]) : undefined;
      const beganUnixMs = performance.timeOrigin + performance.now();
      await release.traffic.placeNow(owner, allToStable);
      const answeredMs = performance.timeOrigin + performance.now() - beganUnixMs;
      await pause(afterMs);
      await unlock?.();
      done.push({ beganUnixMs, answeredMs, endUnixMs: performance.timeOrigin + performance.now() });
      await release.place(owner, allToStable);
    }
    running = false;
    const got = await answers;
    const failed = got.filter(({ status }) => status !== 200).length;
    const last = done.flatMap(({ beganUnixMs, endUnixMs }) => {
      const during = got.filter(({ atUnixMs }) => atUnixMs >= beganUnixMs && atUnixMs < endUnixMs);
      // The load begins anew now and then: a round without answers tells nothing.
      const canary = during.filter(({ version }) => version === "v2").map(({ atUnixMs }) => atUnixMs - beganUnixMs);
      return during.length < 20 ? [] : [Math.max(0, ...canary)];
    });
    return [last, done.map(({ answeredMs }) => answeredMs), [got.length, failed]];
  };
  const table: (string | number)[][] = [
    ["from the call of placeNow", "rounds", "p50", "p95", "worst", "requests", "failed"],
  ];
  for (const [title, from] of [
    ["no other change", "step"],
    ["another change holds the namespace", "locked step"],
    ["an undo after the end", "end"],
  ] as const) {
    const [last = [], answered = [], [requests = 0, failed = 0] = []] = await measure(roundsOf[from], from);
    for (const [what, times] of [
      ["until the API server has it", answered],
      ["until the last answer of the new version", last],
    ] as const) {
      const figures = [quantile(times, 0.5), quantile(times, 0.95), Math.max(...times)].map(ms);
      table.push([`${title}: ${what}`, times.length, ...figures, requests, failed]);
    }
  }
  await step(1, []);
  for (let index = 0; index < weightSteps; index++) {
    await step(5 + index, steps.weights);
  }
  const stepTable: (string | number)[][] = [["a step until every proxy confirmed it", "steps", "p50", "p95", "worst"]];
  for (const [title, times] of [
    ["weights alone", steps.weights],
    ["a version comes, with its Service (under load)", steps.versions],
    ["the end, all calls to the new version (under load)", steps.ends],
  ] as const) {
    stepTable.push([title, times.length, ...[quantile(times, 0.5), quantile(times, 0.95), Math.max(...times)].map(ms)]);
  }
  return `${markdownTable(table)}

Steps forward are ordinary changes, with plan, lock, dry run, record and receipts:

${markdownTable(stepTable)}`;
}

if (import.meta.main) {
  const [what, rounds] = process.argv.slice(2);
  const known = what === "route" || what === "release" ? what : "all";
  console.log(await timeToAbortReport(known, rounds === undefined ? undefined : Number(rounds)));
}
