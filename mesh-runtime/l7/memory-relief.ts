import type { Duplex } from "node:stream";

/** A stream with what waits in memory because of it. */
export interface HeldStream {
  readonly stream: Duplex;
  /** Identity, or address where there is none. */
  readonly caller: string;
  readonly heldBytes: number;
}

/**
 * Which streams to end so that about `bytes` become free. All callers come down to the same level, so that who holds
 * little loses nothing to who holds much; of a caller's streams the largest go first.
 */
export function whatToEnd(streams: readonly HeldStream[], bytes: number): readonly HeldStream[] {
  const byCaller = new Map<string, { total: number; streams: HeldStream[] }>();
  for (const stream of streams) {
    const of = byCaller.get(stream.caller) ?? { total: 0, streams: [] };
    of.total += stream.heldBytes;
    of.streams.push(stream);
    byCaller.set(stream.caller, of);
  }
  const callers = [...byCaller.values()].sort((a, b) => b.total - a.total);
  const level = levelFor(
    callers.map(({ total }) => total),
    bytes,
  );
  const ended: HeldStream[] = [];
  for (const caller of callers) {
    let { total } = caller;
    for (const stream of caller.streams.sort((a, b) => b.heldBytes - a.heldBytes)) {
      if (total <= level) {
        break;
      }
      total -= stream.heldBytes;
      ended.push(stream);
    }
  }
  return ended;
}

/** To what the totals (largest first) must come down for `bytes` to become free. */
function levelFor(totals: readonly number[], bytes: number): number {
  let sum = 0;
  for (const [index, total] of totals.entries()) {
    sum += total;
    const level = (sum - bytes) / (index + 1);
    if (level >= (totals[index + 1] ?? 0)) {
      return Math.max(0, level);
    }
  }
  return 0;
}
