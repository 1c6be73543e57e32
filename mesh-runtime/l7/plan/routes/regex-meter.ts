/**
 * What a request may cost in regular expressions. Each is matched in linear time, but a large expression, many of them, or
 * many matches in one text still add up to seconds, in which nobody else is served; whoever writes routes for a shared
 * gateway, or calls one, must not be able to ask for that.
 */

/** Steps for one look at routes or limits: some 10 ms. An ordinary one needs a few for each character. */
const stepsMax = 400_000;

let left = Number.POSITIVE_INFINITY;

/** The expressions of a request cost more than they may; the planner refuses the request. */
export class RegexTooCostlyError extends Error {
  override readonly name = "RegexTooCostlyError";
  readonly code = "regex-too-costly";
}

/** A request begins to be matched: what follows in this turn of the loop is counted for it. */
export function beginMatching(): void {
  left = stepsMax;
}

/** Counts steps. Throws a RegexTooCostlyError when there were too many. */
export function spendSteps(steps: number): void {
  left -= steps;
  if (left < 0) {
    throw new RegexTooCostlyError("the regular expressions of this place cost too much for this request");
  }
}
