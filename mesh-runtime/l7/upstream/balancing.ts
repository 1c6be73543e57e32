import type { EndpointState } from "./endpoint-state.ts";
import { chooseByHash, fractionOf } from "./rendezvous.ts";
import type { Part } from "./spread.ts";

/** Members of one part, and where its round stands. */
export class Pool {
  readonly members: readonly EndpointState[];
  /** Sum of the shares up to and with this pool. */
  readonly upTo: number;
  #next = 0;

  constructor(members: readonly EndpointState[], upTo: number) {
    this.members = members;
    this.upTo = upTo;
  }

  /** Goes round. */
  turn(): EndpointState | undefined {
    const state = this.members[this.#next];
    this.#next = this.#next + 1 < this.members.length ? this.#next + 1 : 0;
    return state;
  }
}

/**
 * Pools for the parts of a spread. Each begins with the member that has waited longest, so that a round stays fair
 * however often endpoints change.
 */
export function poolsOf(
  parts: readonly Part<EndpointState>[],
  weightOf: (state: EndpointState) => number,
  random: () => number,
): Pool[] {
  let upTo = 0;
  return parts.map(({ share, members }) => {
    upTo += share;
    for (const state of members) {
      // A round of differing weights starts anywhere, as Envoy's does.
      state.due = random() / weightOf(state);
    }
    return new Pool(
      members.toSorted((one, other) => one.turn - other.turn),
      upTo,
    );
  });
}

/** The pool for a point from 0 to below 1. */
export function poolAt(pools: readonly Pool[], fraction: number): Pool | undefined {
  const point = fraction * (pools.at(-1)?.upTo ?? 0);
  return pools.find(({ upTo }) => point < upTo) ?? pools.at(-1);
}

/** Of two that differ, chosen at random, the one with fewer tries under way (Envoy, LEAST_REQUEST with two choices). */
export function leastRequest(members: readonly EndpointState[], random: () => number): EndpointState | undefined {
  const count = members.length;
  if (count < 2) {
    return members[0];
  }
  const point = random() * count;
  const first = Math.floor(point);
  const second = (first + 1 + Math.floor((point - first) * (count - 1))) % count;
  const one = members[first];
  const other = members[second];
  return one !== undefined && other !== undefined && other.active < one.active ? other : one;
}

export const anyOf = (members: readonly EndpointState[], random: () => number): EndpointState | undefined =>
  members[Math.floor(random() * members.length)];

/**
 * Weighted rounds while some endpoint warms up: the one that is due first is taken and is due again after 1/weight
 * (Envoy's earliest deadline first). With `byLoad` the weight is divided by the tries under way and this one, as
 * LEAST_REQUEST does in Envoy once weights differ.
 */
export function weighted(
  members: readonly EndpointState[],
  nowMs: number,
  warmupMs: number,
  byLoad: boolean,
): EndpointState | undefined {
  let chosen = members[0];
  for (const state of members) {
    if (chosen === undefined || state.due < chosen.due) {
      chosen = state;
    }
  }
  if (chosen !== undefined) {
    chosen.due += (byLoad ? chosen.active + 1 : 1) / chosen.warmth(nowMs, warmupMs);
  }
  return chosen;
}

/** By hash alone: pool first, then endpoint, so that the same hash stays in the same place. */
export function sticky(pools: readonly Pool[], hash: number): EndpointState | undefined {
  const pool = poolAt(pools, fractionOf(hash));
  return pool === undefined ? undefined : chooseByHash(pool.members, hash);
}
