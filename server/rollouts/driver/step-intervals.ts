/** The judged intervals of a step, read once each: a step may stay for weeks, and is judged every few seconds. */
import { addCounts, type IntervalCounts, noCounts } from "../analysis/counts.ts";

/** So many of the newest are kept one by one: more than the judgement looks at by themselves (`analysis/evidence.ts`). */
export const keptMax = 500;
/** What is older is one interval and empty ones, so that the newest still come late in the row: what they weigh. */
export const emptyMax = 3_000;
const pageMax = 1_000;

export interface JudgedRow {
  readonly sequence: number;
  readonly counts: IntervalCounts;
}
/** Rows of one step beyond a sequence number, in order, at most `take`. */
export type ReadRows = (beyond: number, take: number) => Promise<readonly JudgedRow[]>;

interface Known {
  readonly step: string;
  readonly sequence: number;
  /** Older than those that are kept, added up. */
  readonly older: IntervalCounts | undefined;
  readonly olderCount: number;
  readonly kept: readonly IntervalCounts[];
}

export class StepIntervals {
  readonly #known = new Map<string, Known>();

  /** Oldest first. `step` names one stay at a step: another one begins anew. */
  async of(release: string, step: string, read: ReadRows): Promise<readonly IntervalCounts[]> {
    const before = this.#known.get(release);
    let known: Known =
      before?.step === step ? before : { step, sequence: -1, older: undefined, olderCount: 0, kept: [] };
    for (;;) {
      const rows = await read(known.sequence, pageMax);
      known = rows.length === 0 ? known : withRows(known, rows);
      if (rows.length < pageMax) {
        break;
      }
    }
    this.#known.set(release, known);
    const { older, olderCount, kept } = known;
    if (older === undefined) {
      return kept;
    }
    const { fromUnixMs, toUnixMs } = older;
    const empty: IntervalCounts = { fromUnixMs, toUnixMs, stable: noCounts, canary: noCounts };
    return [older, ...Array.from({ length: Math.min(olderCount - 1, emptyMax) }, () => empty), ...kept];
  }

  /** Forgets all other releases. */
  keepOnly(releases: readonly string[]): void {
    for (const release of this.#known.keys()) {
      if (!releases.includes(release)) {
        this.#known.delete(release);
      }
    }
  }
}

function withRows({ step, sequence, older, olderCount, kept }: Known, rows: readonly JudgedRow[]): Known {
  const all = [...kept, ...rows.map(({ counts }) => counts)];
  const gone = all.slice(0, Math.max(0, all.length - keptMax));
  return {
    step,
    sequence: rows.at(-1)?.sequence ?? sequence,
    older: gone.reduce<IntervalCounts | undefined>(joined, older),
    olderCount: olderCount + gone.length,
    kept: all.slice(gone.length),
  };
}

const joined = (one: IntervalCounts | undefined, other: IntervalCounts): IntervalCounts =>
  one === undefined
    ? other
    : {
        fromUnixMs: one.fromUnixMs,
        toUnixMs: other.toUnixMs,
        stable: addCounts(one.stable, other.stable),
        canary: addCounts(one.canary, other.canary),
        ...copiesOf(one, other),
      };

function copiesOf({ copies: one }: IntervalCounts, { copies: other }: IntervalCounts): Pick<IntervalCounts, "copies"> {
  const copies = one === undefined || other === undefined ? (one ?? other) : addCounts(one, other);
  return copies === undefined ? {} : { copies };
}
