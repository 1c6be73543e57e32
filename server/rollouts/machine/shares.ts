/** Which shares a release wants, and when. Pure. */
import type { RolloutSpec } from "@/server/contracts/rollout-spec.ts";
import type { Shares } from "../ports.ts";

const onlyStable = (stable: string, round: number): Shares => ({
  stable,
  canary: null,
  weight: 0,
  match: [],
  mirror: 0,
  sticky: null,
  round,
  preview: null,
});

export function stepShares(spec: RolloutSpec, step: number, round: number): Shares {
  const { weight = 0, mirror = 0 } = spec.steps[step] ?? {};
  const { stable, canary, match, sticky, preview } = spec;
  return { stable, canary, weight, match: [...match], mirror, sticky, round, preview };
}

/**
 * What must be in force before pods of the canary are started: the Service selects them as soon as they are ready, and
 * without shares they get their part of all calls.
 */
export const guardShares = ({ stable }: RolloutSpec, round: number): Shares => onlyStable(stable, round);

/**
 * All calls to what was the canary. The old version is named on, with nothing: so its Service stays, and an undo is
 * in force as soon as the route says so.
 */
export const finalShares = ({ stable, canary }: RolloutSpec, round: number): Shares => ({
  ...onlyStable(canary, round),
  canary: stable,
});

/**
 * What there was before it. Where there was nothing, or where the canary had a part in it, all calls go to the stable
 * version: without a rule a version that was just found to be bad would get its pods' part of the calls. An older version
 * that was named for an undo alone is not named again: its Service is gone by now.
 */
export const backShares = ({ stable, canary }: RolloutSpec, before: Shares | null, round: number): Shares =>
  before === null || before.stable === canary || before.canary === canary || namesIdle(before)
    ? onlyStable(stable, round)
    : before;

/** A second version is named that gets nothing. */
const namesIdle = (shares: Shares): boolean => shares.canary !== null && !gets(shares, shares.canary);

/** Whether the version gets anything by these shares. */
export const gets = (shares: Shares, version: string): boolean =>
  shares.stable === version ||
  (shares.canary === version &&
    (shares.weight > 0 || shares.mirror > 0 || shares.match.length > 0 || shares.preview !== null));
