import type { Timeline } from "@/server/contracts/traffic.ts";

type Change = Timeline["changes"][number];

export interface StripFlag {
  readonly change: Change;
  /** The words stand left of the mark: at the right end there is no room beside it. */
  readonly atEnd: boolean;
  /** Whether there is room for its words; without, they stay on hover. */
  readonly words: boolean;
}

/** Room of a flag's words, and where it turns around; parts of the strip. */
const room = 0.14;
const endPart = 0.12;

/** Flags of changes from left to right: words that would lie over those of the flag before are left out. Pure. */
export function stripFlags(
  { changes, endUnixMs }: Pick<Timeline, "changes" | "endUnixMs">,
  spanMs: number,
): StripFlag[] {
  let takenUntil = Number.NEGATIVE_INFINITY;
  return [...changes]
    .sort((one, other) => one.timeUnixMs - other.timeUnixMs)
    .map((change) => {
      const at = change.timeUnixMs;
      const atEnd = at > endUnixMs - spanMs * endPart;
      const from = atEnd ? at - spanMs * room : at;
      const words = from >= takenUntil;
      takenUntil = words ? from + spanMs * room : Math.max(takenUntil, at);
      return { change, atEnd, words };
    });
}
