/**
 * Traffic of a week, ready to be judged: kinds of requests once each, counts by minute for the last hour and by hour
 * before. It is filled bit by bit, so that a preview only adds up a window. Pure.
 */
import { CountsByTime } from "./counts-by-time.ts";
import { RequestKinds, type SeenShape } from "./request-kinds.ts";
import type { Shapes } from "./shape-columns.ts";

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const weekMs = 7 * 24 * hourMs;

/** How much is kept at most. */
export interface TrafficLimits {
  /** Beyond so many kinds the rarest are given up, down to `kindsKept`. */
  readonly kindsMax: number;
  readonly kindsKept: number;
  /** Counts, one for each kind and span in which it was seen; beyond the oldest spans are given up. */
  readonly minuteEntriesMax: number;
  readonly hourEntriesMax: number;
}

/** About half a gigabyte when everything is full. */
export const trafficLimits: TrafficLimits = {
  kindsMax: 1_500_000,
  kindsKept: 1_200_000,
  minuteEntriesMax: 4_000_000,
  hourEntriesMax: 12_000_000,
};

/** The traffic of a window. */
export interface ObservedWindow {
  readonly shapes: Shapes;
  /** Start of what is known. */
  readonly sinceUnixMs: number;
  /** What the figures cannot say. */
  readonly notes: readonly string[];
}

export class ObservedTraffic {
  kinds = new RequestKinds();
  readonly minutes: CountsByTime;
  readonly hours: CountsByTime;
  readonly #limits: TrafficLimits;

  constructor(limits: TrafficLimits = trafficLimits) {
    this.#limits = limits;
    this.minutes = new CountsByTime(minuteMs, limits.minuteEntriesMax);
    this.hours = new CountsByTime(hourMs, limits.hourEntriesMax);
  }

  /** Something that was seen in the last hour. */
  add(kind: number, count: number, lastUnixMs: number, timeMs: number): void {
    this.minutes.add(kind, count, timeMs);
    this.kinds.seenAt(kind, lastUnixMs);
  }

  kindOf(shape: SeenShape): number {
    return this.kinds.of(shape);
  }

  /**
   * Gives up what is too old or too much; call it every few seconds. The new numbers of kinds by the old ones when
   * kinds were given up.
   */
  tidy(nowMs: number): Uint32Array | undefined {
    this.minutes.tidy(nowMs - 2 * minuteMs, nowMs - hourMs - 2 * minuteMs);
    this.hours.tidy(nowMs, nowMs - weekMs - hourMs);
    if (this.kinds.length <= this.#limits.kindsMax) {
      return undefined;
    }
    const totals = new Float64Array(this.kinds.length);
    this.minutes.sum(0, Number.POSITIVE_INFINITY, totals);
    this.hours.sum(0, Number.POSITIVE_INFINITY, totals);
    const least = totals.toSorted()[totals.length - this.#limits.kindsKept] ?? 0;
    let room = this.#limits.kindsKept - totals.reduce((sum, total) => sum + (total > least ? 1 : 0), 0);
    const { kinds, renumbered } = this.kinds.only((kind) => {
      const total = totals[kind] ?? 0;
      return total > least || (total === least && total > 0 && room-- > 0);
    });
    this.kinds = kinds;
    this.minutes.renumber(renumbered);
    this.hours.renumber(renumbered);
    return renumbered;
  }

  /** An hour comes from minutes; of a day or a week whole hours do, and minutes only for the one that has begun. */
  window(windowSeconds: number, nowMs: number): ObservedWindow {
    const count = new Float64Array(this.kinds.length);
    const startMs = nowMs - windowSeconds * 1_000;
    const short = windowSeconds * 1_000 <= hourMs;
    const hourStart = Math.floor(nowMs / hourMs) * hourMs;
    // A minute counts when most of it lies in the window.
    const fresh = this.minutes.sum(short ? startMs - minuteMs / 2 : hourStart, Number.POSITIVE_INFINITY, count);
    const older = short ? { sinceUnixMs: undefined, leftOut: 0 } : this.hours.sum(startMs, hourStart, count);
    const since = short
      ? (this.minutes.oldestMs ?? nowMs)
      : Math.min(older.sinceUnixMs ?? nowMs, fresh.sinceUnixMs === undefined ? nowMs : hourStart);
    const forgottenMs = Math.max(this.minutes.forgottenBeforeMs, short ? 0 : this.hours.forgottenBeforeMs);
    return {
      shapes: { kinds: this.kinds, count },
      sinceUnixMs: Math.max(startMs, since),
      notes: [
        ...leftOutNote(fresh.leftOut + older.leftOut, this.#limits.kindsKept),
        ...(forgottenMs > startMs
          ? [`More was observed than is kept for previews: what is older than ${timeText(forgottenMs)} does not count.`]
          : []),
      ],
    };
  }
}

const leftOutNote = (requests: number, kindsKept: number): string[] =>
  requests === 0
    ? []
    : [
        `Only the ${kindsKept.toLocaleString("en")} most frequent kinds of requests are judged; ${requests.toLocaleString("en")} requests of rarer kinds are not.`,
      ];

const timeText = (unixMs: number): string => `${new Date(unixMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
