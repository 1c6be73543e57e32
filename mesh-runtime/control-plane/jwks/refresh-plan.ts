/** When key sets are fetched again. Times are milliseconds. */

/** Istio's `PILOT_JWT_PUB_KEY_REFRESH_INTERVAL`. */
const refreshMs = 20 * 60_000;
/** An origin may ask for more often by `max-age`, but not for more than this. */
const refreshMinMs = 60_000;
const retryFirstMs = 1_000;
const retryMaxMs = 60_000;
/** Least time between two fetches because of tokens that name unknown keys: anybody can make such a token. */
export const afterWishMs = 30_000;
/** Istio forgets keys that nobody confirmed for a week. */
export const keptMs = 7 * 24 * 3_600_000;

/** Wait after a success: within a tenth around what is due, so that not all sources come at once. */
export function afterSuccess(maxAgeMs: number | undefined, random: () => number): number {
  const due = Math.min(refreshMs, Math.max(refreshMinMs, maxAgeMs ?? refreshMs));
  return due * (0.9 + random() * 0.2);
}

/** Wait after the n-th failure in a row, counted from 1: doubling, up to a minute. */
export function afterFailure(failures: number, random: () => number): number {
  const wait = Math.min(retryMaxMs, retryFirstMs * 2 ** Math.min(failures - 1, 16));
  return wait * (0.5 + random() * 0.5);
}
