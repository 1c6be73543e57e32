/**
 * How often the analysis of releases is wrong, and how soon it is right: `node bench/analysis.ts [steps] [tables]`. Drawn
 * from fixed seeds, so every run says the same. `steps` is how many good ones are drawn (1,000), of bad ones half;
 * `tables` is `all`, `main` or `quantiles`, the last for p50 and p99 alone. The tables stand in docs/analysis.md.
 */
import "./portal-imports.ts";

const { everFails, randomFrom, rulesOf, simulateStep } = await import(
  "@/server/rollouts/analysis/simulated-step.suite.ts"
);
type Rules = Parameters<typeof rulesOf>[0];
type World = Parameters<typeof everFails>[1];

const good = { errorRate: 0.001, medianMs: 20 };
const world = (more: Partial<World>): World => ({
  canaryRequests: 40,
  stableRequests: 160,
  canary: () => good,
  stable: () => good,
  ...more,
});
const percent = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 0.01 ? 2 : 1)} %`;
const row = (cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;

const alarmRuns = Number(process.argv[2] ?? 1_000);
const tables = process.argv[3] ?? "all";
const looks = 100;

function alarms(title: string, rules: Rules, of: World, seed: number): string {
  const random = randomFrom(seed);
  let failed = 0;
  for (let run = 0; run < alarmRuns; run++) {
    failed += everFails(rulesOf(rules), of, looks, random) ? 1 : 0;
  }
  return row([title, alarmRuns, looks, failed, percent(failed / alarmRuns)]);
}

const outage = (interval: number) => ({ errorRate: interval % 40 >= 34 ? 0.6 : 0.001, medianMs: 20 });
const jam = (interval: number) => ({ errorRate: 0.001, medianMs: interval % 40 >= 34 ? 400 : 20 });
const latency = [{ quantile: 95 as const, maxMs: 100, maxRatio: 1.5 }];
const atBorder = { errorRate: 0.01, medianMs: 20 };
const alarmHead = "| a good version | steps | looks each | called bad | share |\n|---|---:|---:|---:|---:|";

const powerRuns = Math.max(100, alarmRuns / 2);
function power(title: string, rules: Rules, of: World, seed: number): string {
  const random = randomFrom(seed);
  const ends = Array.from({ length: powerRuns }, () => simulateStep(rulesOf(rules), of, looks, random));
  const share = (end: string): string => percent(ends.filter((one) => one.end === end).length / powerRuns);
  const back = ends.filter(({ end }) => end === "rolled-back");
  const middle = (values: readonly number[]): number | string =>
    values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? "–";
  return row([
    title,
    of.canaryRequests,
    share("rolled-back"),
    share("passed"),
    middle(back.map(({ intervals }) => intervals)),
    middle(back.map(({ canaryErrors }) => canaryErrors)),
  ]);
}

const powerHead =
  "\n| a version with | requests an interval | rolled back | passed a step | intervals until then (median) | failed requests until then (median) |\n|---|---:|---:|---:|---:|---:|";

/** Errors, and p95. */
function mainTables(): void {
  console.log(alarmHead);
  console.log(alarms("0.1 % errors, as stable", {}, world({}), 1));
  console.log(
    alarms("exactly at the limit of 1 %, stable too", {}, world({ canary: () => atBorder, stable: () => atBorder }), 2),
  );
  console.log(
    alarms(
      "exactly 1 point worse than stable (5 %, 6 %), difference alone",
      { minSuccess: null },
      world({ canary: () => ({ errorRate: 0.06, medianMs: 20 }), stable: () => ({ errorRate: 0.05, medianMs: 20 }) }),
      3,
    ),
  );
  console.log(alarms("60 % errors of both in 6 of 40 intervals", {}, world({ canary: outage, stable: outage }), 4));
  console.log(
    alarms("both 20 times slower in 6 of 40 intervals, p95 rules", { latency }, world({ canary: jam, stable: jam }), 5),
  );
  console.log(alarms("5 requests an interval", {}, world({ canaryRequests: 5, stableRequests: 45 }), 6));
  console.log(powerHead);
  let seed = 10;
  for (const canaryRequests of [10, 40, 200]) {
    for (const errorRate of [0.001, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5]) {
      const of = world({
        canaryRequests,
        stableRequests: canaryRequests * 4,
        canary: () => ({ errorRate, medianMs: 20 }),
      });
      console.log(power(`${percent(errorRate)} errors`, {}, of, seed++));
    }
    for (const [name, medianMs] of [
      ["twice as slow", 40],
      ["4 times as slow", 80],
      ["10 times as slow", 200],
    ] as const) {
      const of = world({ canaryRequests, stableRequests: canaryRequests * 4, canary: () => ({ ...good, medianMs }) });
      console.log(
        power(
          `${name} as stable (p95 at most 1.5 × stable)`,
          { latency: [{ quantile: 95, maxMs: null, maxRatio: 1.5 }] },
          of,
          seed++,
        ),
      );
    }
  }
}

const quantiles = [50, 99] as const;
const requestsEach = [40, 200] as const;
/** Of the requests of one that is slow now and then; stable has none of them. */
const tail = { share: 0.03, times: 20 };

/** The other quantiles, each with a rule of its own alone. */
function quantileTables(): void {
  const alone = { minSuccess: null, maxWorse: null };
  let seed = 100;
  console.log(alarmHead);
  for (const quantile of quantiles) {
    // A log-normal with this median has 100 ms at its quantile.
    const medianMs = 100 / Math.exp(0.5 * (quantile === 50 ? 0 : 2.3263));
    const border = { errorRate: 0, medianMs };
    const atMost = { ...alone, latency: [{ quantile, maxMs: 100, maxRatio: null }] };
    console.log(alarms(`p${quantile} exactly at its limit`, atMost, world({ canary: () => border }), seed++));
    const times = { ...alone, latency: [{ quantile, maxMs: null, maxRatio: 1.5 }] };
    console.log(alarms(`p${quantile} as stable's, at most 1.5 × stable`, times, world({}), seed++));
    const both = world({ canary: jam, stable: jam });
    console.log(
      alarms(`both 20 times slower in 6 of 40 intervals, p${quantile} at most 1.5 × stable`, times, both, seed++),
    );
  }
  console.log(powerHead);
  for (const quantile of quantiles) {
    const rules = { latency: [{ quantile, maxMs: null, maxRatio: 1.5 }] };
    for (const canaryRequests of requestsEach) {
      for (const [name, canary] of [
        ["as slow as stable", good],
        ["twice as slow", { ...good, medianMs: 40 }],
        ["4 times as slow", { ...good, medianMs: 80 }],
        [`${tail.share * 100} % of the answers ${tail.times} times as slow`, { ...good, tail }],
      ] as const) {
        const of = world({ canaryRequests, stableRequests: canaryRequests * 4, canary: () => canary });
        console.log(power(`${name} (p${quantile} at most 1.5 × stable)`, rules, of, seed++));
      }
    }
  }
}

if (tables !== "quantiles") {
  mainTables();
}
if (tables !== "main") {
  quantileTables();
}
