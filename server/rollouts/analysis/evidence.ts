/**
 * How strongly counts speak against a version, in a way that may be looked at as often as one likes. Pure.
 *
 * A hypothesis is tested by betting against it. Each bet is a fair game as long as the hypothesis holds, so what it has
 * won passes `1 / a` with probability at most `a`, however often one looks (Ville's inequality). Bets for several
 * alternatives are averaged, and so are bets that begin at each interval, which finds a version that turns bad after a
 * good start. Only bets that gain are counted: such a one gains more still when the border of the hypothesis moves away
 * from its alternative, so the sum holds for all rates within the hypothesis and not only for its border.
 */

/** What was seen in one interval. */
export interface Trials {
  readonly hits: number;
  readonly count: number;
}

/** Both versions over the same time. */
export interface TrialsPair {
  readonly canary: Trials;
  readonly stable: Trials;
}

/** Fixed, so that values for different borders can be compared. */
const rates = [
  0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7,
  0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999,
] as const;

/** How many times likelier hits are at the canary. */
const ratios = [1.5, 2, 3, 5, 10, 30, 100, 1000] as const;

/** Beginnings that are looked at: the first, and so many of the newest. */
const beginnings = 120;

/** Borders are kept away from certainty, where a single trial would decide. */
const least = 1e-6;
const within = (border: number): number => Math.min(1 - least, Math.max(least, border));

/** Odds against the rate being at most `border`, given the intervals oldest first. */
export function oddsAbove(intervals: readonly Trials[], border: number): number {
  const bets = betsOn(border, "above");
  return mixBeginnings(
    intervals.map(({ hits, count }) => bets.map(({ hit, miss }) => hits * hit + (count - hits) * miss)),
    rates.length,
  );
}

/** Odds against the rate being at least `border`, over all trials at once. */
export function oddsBelow({ hits, count }: Trials, border: number): number {
  const gains = betsOn(border, "below").map(({ hit, miss }) => hits * hit + (count - hits) * miss);
  return gains.reduce((sum, gain) => sum + won(gain), 0) / rates.length;
}

/** What a hit and a miss add to the logarithm of each bet. */
function betsOn(at: number, side: "above" | "below"): { readonly hit: number; readonly miss: number }[] {
  const border = within(at);
  return rates
    .filter((rate) => (side === "above" ? rate > border : rate < border))
    .map((rate) => ({ hit: Math.log(rate / border), miss: Math.log((1 - rate) / (1 - border)) }));
}

/**
 * Odds against the canary having no higher rate than stable has at the same time, whatever that is and however it moves:
 * given how many hits both had together, a canary that is no worse gets its share of them at most. The chance of a split
 * is bounded by that of drawing with replacement (W. Hoeffding 1963, theorem 4).
 */
export function oddsWorse(intervals: readonly TrialsPair[]): number {
  return mixBeginnings(
    intervals.map(({ canary, stable }) => {
      const all = canary.count + stable.count;
      const share = all === 0 ? 0 : canary.count / all;
      const hits = canary.hits + stable.hits;
      return ratios.map((ratio) => canary.hits * Math.log(ratio) - hits * Math.log1p(share * (ratio - 1)));
    }),
    ratios.length,
  );
}

/** The average over bets that begin at each interval. `gains`: by interval, then by bet. */
function mixBeginnings(gains: readonly (readonly number[])[], bets: number): number {
  const sums = new Array<number>(bets).fill(0);
  let odds = 0;
  for (let first = gains.length - 1; first >= 0; first--) {
    for (const [bet, gain] of (gains[first] ?? []).entries()) {
      sums[bet] = (sums[bet] ?? 0) + gain;
    }
    if (first === 0 || gains.length - first <= beginnings) {
      // The weights of all beginnings there will ever be add up to one.
      const weight = 1 / ((first + 1) * (first + 2));
      odds += weight * sums.reduce((sum, gain) => sum + won(gain), 0);
    }
  }
  return odds / bets;
}

const won = (gain: number): number => (gain > 0 ? Math.exp(Math.min(gain, 600)) : 0);

/** The smallest rate against which, and against all beyond, the odds reach `wanted`. */
export function upperBound(trials: Trials, wanted: number): number {
  let low = trials.count === 0 ? 1 : trials.hits / trials.count;
  let high = 1;
  for (let round = 0; round < 40 && high - low > 1e-9; round++) {
    const middle = (low + high) / 2;
    if (oddsBelow(trials, middle) >= wanted) {
      high = middle;
    } else {
      low = middle;
    }
  }
  return high;
}

export const totalOf = (intervals: readonly Trials[]): Trials =>
  intervals.reduce((sum, { hits, count }) => ({ hits: sum.hits + hits, count: sum.count + count }), {
    hits: 0,
    count: 0,
  });
