/** How a release goes wrong, for the demo. Counted, not random: half is half, and so is a tenth. */
export interface MisbehaviourOptions {
  /** Percent of the requests that fail. */
  readonly failPercent: number;
  /** The share of failing requests grows from nothing for so many seconds after the first request; 0: at once. */
  readonly burnSeconds: number;
  /** Percent of the requests that wait before they are answered, and how long they do. */
  readonly slowPercent: number;
  readonly slowMs: number;
}

export const wellBehaved: MisbehaviourOptions = { failPercent: 0, burnSeconds: 0, slowPercent: 0, slowMs: 0 };

/** What becomes of one request. */
export interface Misbehaviour {
  readonly fails: boolean;
  readonly waitMs: number;
}

/** Asked once a request. `now` in milliseconds. */
export function misbehaviour(
  { failPercent, burnSeconds, slowPercent, slowMs }: MisbehaviourOptions,
  now: () => number = () => performance.now(),
): () => Misbehaviour {
  const failing = everyHundred();
  const slow = everyHundred();
  let firstMs: number | undefined;
  return () => {
    firstMs ??= now();
    const grown = burnSeconds <= 0 ? 1 : Math.min(1, (now() - firstMs) / (burnSeconds * 1_000));
    const waits = slow(slowPercent);
    return { fails: failing(failPercent * grown), waitMs: waits ? slowMs : 0 };
  };
}

/** Answers `true` as often as the percentages say, evenly spread. */
function everyHundred(): (percent: number) => boolean {
  let owed = 0;
  return (percent) => {
    owed += percent;
    if (owed < 100) {
      return false;
    }
    owed -= 100;
    return true;
  };
}
