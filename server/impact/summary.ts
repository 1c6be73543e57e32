/** Judged calls as rows for people and totals. Pure. */
import type { Impact, ImpactRow } from "@/server/contracts/golden-paths.ts";
import type { BeforeAfter, CallJudge } from "./call-judge.ts";
import { type CallRows, noRequest } from "./call-rows.ts";
import type { ImpactInput } from "./impact-input.ts";
import type { RequestKinds } from "./request-kinds.ts";

export interface JudgedCalls {
  readonly rows: CallRows;
  readonly verdicts: readonly BeforeAfter[];
  /** Call and port that each verdict is about. */
  readonly placeOfVerdict: readonly number[];
  /** Index into `verdicts` of each row. */
  readonly verdictOf: Uint32Array;
  readonly kinds: RequestKinds;
  readonly judges: readonly CallJudge[];
}

const rowsMax = 500;
const chunk = 10_000;

const totals = ["becomeDenied", "becomeAllowed", "unchanged", "unknown"] as const;
type Total = (typeof totals)[number];

function totalOf({ before, after }: BeforeAfter): Total {
  if (before.verdict === "unknown" || after.verdict === "unknown") {
    return "unknown";
  }
  return before.verdict === after.verdict ? "unchanged" : after.verdict === "denied" ? "becomeDenied" : "becomeAllowed";
}

const order: Readonly<Record<string, number>> = {
  "allowed denied": 0,
  "denied allowed": 1,
  "denied denied": 3,
  "allowed allowed": 4,
};
const rankOf = ({ before, after }: BeforeAfter): number => order[`${before.verdict} ${after.verdict}`] ?? 2;

export function* summarize(judged: JudgedCalls, input: ImpactInput): Generator<undefined, Impact, undefined> {
  const { rows, verdicts, verdictOf, placeOfVerdict, judges } = judged;
  const ranks = Uint8Array.from(verdicts, rankOf);
  const counts = new Float64Array(verdicts.length);
  const best = new FirstRows(rows.count);
  let observed = 0;
  let told = 0;
  for (let row = 0; row < rows.length; row++) {
    if (!rows.isHttp(row) && rows.httpCalls.has(rows.callOf(row))) {
      continue;
    }
    const verdict = verdictOf[row] ?? 0;
    const count = rows.count[row] ?? 0;
    told++;
    observed += count;
    counts[verdict] = (counts[verdict] ?? 0) + count;
    best.offer(row, ranks[verdict] ?? 2);
    if (row % chunk === chunk - 1) {
      yield;
    }
  }
  const sums = Object.fromEntries(totals.map((name) => [name, { count: 0, callers: new Set<string>() }])) as Record<
    Total,
    { count: number; callers: Set<string> }
  >;
  for (const [verdict, kind] of verdicts.map(totalOf).entries()) {
    const count = counts[verdict] ?? 0;
    // Connections that are counted as requests already were judged too.
    if (count > 0) {
      sums[kind].count += count;
      sums[kind].callers.add(judges[rows.callOfPlace(placeOfVerdict[verdict] ?? 0)]?.edge.from.id ?? "");
    }
  }
  const notes = [
    told === 0
      ? "No traffic was observed in this window, so nothing can be said about callers."
      : "A caller that was silent in this window does not show here.",
    ...(input.notes ?? []),
  ];
  if (told > rowsMax) {
    notes.push(`Only the first ${rowsMax} of ${told} rows are shown; the totals count all.`);
  }
  const sumOf = (name: Total) => ({ count: sums[name].count, callers: sums[name].callers.size });
  return {
    windowSeconds: input.windowSeconds,
    observedSinceUnixMs: told === 0 ? 0 : input.observedSinceUnixMs,
    becomeDenied: sumOf("becomeDenied"),
    becomeAllowed: sumOf("becomeAllowed"),
    unchanged: sumOf("unchanged"),
    unknown: sumOf("unknown"),
    rows: best.rows().map((row) => rowOf(row, judged, input, observed)),
    notes,
  };
}

/** The first rows by rank, then by count, without sorting all of them. */
class FirstRows {
  readonly #counts: Float64Array;
  readonly #byRank: number[][] = [[], [], [], [], []];
  /** Rows with no more cannot be among the first of their rank. */
  readonly #least = [-1, -1, -1, -1, -1];

  constructor(counts: Float64Array) {
    this.#counts = counts;
  }

  offer(row: number, rank: number): void {
    const rows = this.#byRank[rank];
    const count = this.#counts[row] ?? 0;
    if (rows === undefined || count <= (this.#least[rank] ?? -1)) {
      return;
    }
    rows.push(row);
    if (rows.length >= 8 * rowsMax) {
      const first = this.#sorted(rows).slice(0, rowsMax);
      this.#byRank[rank] = first;
      this.#least[rank] = this.#counts[first.at(-1) ?? 0] ?? 0;
    }
  }

  rows(): number[] {
    return this.#byRank.flatMap((rows) => this.#sorted(rows)).slice(0, rowsMax);
  }

  #sorted(rows: readonly number[]): number[] {
    return rows.toSorted((one, other) => (this.#counts[other] ?? 0) - (this.#counts[one] ?? 0));
  }
}

const none: BeforeAfter = {
  before: { verdict: "unknown", reason: "", policy: "", rule: -1 },
  after: { verdict: "unknown", reason: "", policy: "", rule: -1 },
};

function rowOf(
  row: number,
  { rows, verdicts, verdictOf, kinds, judges }: JudgedCalls,
  input: ImpactInput,
  observed: number,
): ImpactRow {
  const port = rows.portOfPlace(rows.place[row] ?? 0);
  const judge = judges[rows.callOf(row)];
  const { before, after } = verdicts[verdictOf[row] ?? 0] ?? none;
  const request = rows.request[row] ?? noRequest;
  const from = judge?.edge.from;
  const source = judge?.source;
  const count = rows.count[row] ?? 0;
  return {
    caller: {
      title: from?.kind === "unknown" ? "no identity" : from?.kind === "outside" ? "outside" : (from?.name ?? ""),
      namespace: from?.namespace ?? "",
      principal:
        source !== undefined && (source.captured || source.proxy)
          ? `${input.trustDomain}/ns/${source.namespace}/sa/${source.serviceAccount}`
          : "",
    },
    service: { namespace: judge?.edge.to.namespace ?? "", name: judge?.edge.to.name ?? "" },
    port,
    method: request === noRequest ? "" : kinds.methodOf(request),
    path: request === noRequest ? "" : kinds.pathOf(request),
    unit: rows.isHttp(row) ? "requests" : "connections",
    count,
    lastUnixMs: rows.lastUnixMs[row] ?? 0,
    share: observed === 0 ? 0 : count / observed,
    before: before.verdict,
    after: after.verdict,
    reason: after.verdict !== "unknown" && before.verdict === "unknown" ? before.reason : after.reason,
  };
}
