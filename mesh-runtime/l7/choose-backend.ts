import type { L7Backend } from "../xds/model.ts";

/**
 * Picks a backend by weight; `undefined` when there is none to pick (no backends, or all weights 0): answer 500.
 * `random` is from 0 to below 1.
 */
export function chooseBackend(backends: readonly L7Backend[], random: number): L7Backend | undefined {
  const first = backends[0];
  if (backends.length === 1 && first !== undefined) {
    return first.weight > 0 ? first : undefined;
  }
  let total = 0;
  for (const { weight } of backends) {
    total += weight;
  }
  let point = random * total;
  for (const backend of backends) {
    point -= backend.weight;
    if (point < 0) {
      return backend;
    }
  }
  return undefined;
}
