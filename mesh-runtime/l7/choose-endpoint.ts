import type { Endpoint } from "./mesh-view.ts";

/**
 * Picks an endpoint: of two healthy ones chosen at random, the one with fewer requests under way (Envoy's LEAST_REQUEST).
 * Endpoints that were tried already are left out while there are others. `undefined` when none is healthy.
 */
export function chooseEndpoint(
  endpoints: readonly Endpoint[],
  load: (endpoint: Endpoint) => number,
  tried: ReadonlySet<string>,
  random: () => number,
): Endpoint | undefined {
  const only = endpoints[0];
  if (endpoints.length === 1) {
    return only?.healthy ? only : undefined;
  }
  const healthy = endpoints.filter((endpoint) => endpoint.healthy);
  const fresh = tried.size === 0 ? healthy : healthy.filter(({ key }) => !tried.has(key));
  const pool = fresh.length > 0 ? fresh : healthy;
  if (pool.length < 2) {
    return pool[0];
  }
  const first = Math.floor(random() * pool.length);
  const second = (first + 1 + Math.floor(random() * (pool.length - 1))) % pool.length;
  const one = pool[first];
  const other = pool[second];
  return one !== undefined && other !== undefined && load(other) < load(one) ? other : one;
}
