/** Somebody who can be chosen by hash. */
export interface Seeded {
  readonly seed: number;
}

/**
 * Consistent hashing by highest random weight (rendezvous hashing, Thaler and Ravishankar): every candidate gets a score
 * from its own seed and the hash, the highest wins. When one goes, only its own keys move, and evenly; when one comes, it
 * takes an even share from each. Unlike a ring or Maglev's table there is nothing to build when endpoints change, and the
 * walk over all of them costs a few nanoseconds each.
 */
export function chooseByHash<T extends Seeded>(candidates: readonly T[], hash: number): T | undefined {
  let best: T | undefined;
  let bestScore = -1;
  for (const candidate of candidates) {
    const score = mix(candidate.seed ^ hash);
    // Equal scores are broken by seed, so that the order of candidates never matters.
    if (score > bestScore || (score === bestScore && best !== undefined && candidate.seed > best.seed)) {
      best = candidate;
      bestScore = score;
    }
  }
  return best;
}

/** From 0 to below 1, from a hash; not the bits that `chooseByHash` looks at. */
export const fractionOf = (hash: number): number => mix(hash ^ 0x9e3779b9) / 0x1_0000_0000;

/** 32 bits of a text (FNV-1a, then mixed). */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return mix(hash);
}

/** MurmurHash3's finalizer: every bit of the input moves every bit of the output. */
function mix(value: number): number {
  let bits = value;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
