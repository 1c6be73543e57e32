/** Times that tries add up to, and tries that multiply along a chain of calls. Pure. */
import { durationMs } from "@/mesh-runtime/api/gateway-api/duration.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import type { SeenCall } from "../insight.ts";
import type { IntentOf } from "../intent.ts";

/** The wait between tries grows to at most so many times the first one (Envoy). */
const backoffGrowthMax = 10;

/**
 * Longest time that all tries with their waits may take, in milliseconds; undefined when a single one may take as long
 * as it likes.
 */
export function allTriesMs({
  attempts,
  perTry,
  backoff,
}: Pick<IntentOf<"retries">, "attempts" | "perTry" | "backoff">): number | undefined {
  const single = perTry === null ? 0 : (durationMs(perTry) ?? 0);
  if (attempts === 0 || single === 0) {
    return undefined;
  }
  const base = durationMs(backoff) || 25;
  const waits = Array.from({ length: attempts }, (_, index) => base * Math.min(backoffGrowthMax, 2 ** index));
  return single * (attempts + 1) + waits.reduce((sum, wait) => sum + wait, 0);
}

/** A chain of calls and how many calls one request at its beginning may become at its end. */
export interface RetryChain {
  readonly services: readonly ServiceRef[];
  readonly product: number;
}

const keyOf = ({ namespace, name }: ServiceRef): string => `${namespace}/${name}`;
/** Steps of the search; enough for any mesh that people can look at. */
const stepsMax = 20_000;
/** Longest half of a chain. */
const depthMax = 8;

/**
 * The chain of observed calls through a service on which tries multiply most; undefined when no other service of any
 * chain is retried. `triesOf`: how many calls one call to a service may become.
 */
export function worstChain(
  service: ServiceRef,
  calls: readonly SeenCall[],
  triesOf: (service: ServiceRef) => number,
): RetryChain | undefined {
  const known = new Map<string, number>();
  const tries = (of: ServiceRef): number => {
    const found = known.get(keyOf(of)) ?? triesOf(of);
    known.set(keyOf(of), found);
    return found;
  };
  const before = search([service], calls, tries, ({ from, to }) => [to, from]);
  // In a circle, who calls may be called as well: each counts once.
  const behind = search([service, ...before], calls, tries, ({ from, to }) => [from, to]);
  const services = [...before.toReversed(), service, ...behind];
  const retried = services.filter((one) => tries(one) > 1);
  return retried.length < 2 || tries(service) < 2 ? undefined : { services, product: productOf(services, tries) };
}

const productOf = (services: readonly ServiceRef[], tries: (service: ServiceRef) => number): number =>
  services.reduce((product, one) => product * tries(one), 1);

/**
 * The best way in one direction from the first of `known`, without it and past the others; it ends at the last service
 * that is retried.
 */
function search(
  known: readonly [ServiceRef, ...ServiceRef[]],
  calls: readonly SeenCall[],
  tries: (service: ServiceRef) => number,
  ends: (call: SeenCall) => readonly [ServiceRef, ServiceRef],
): ServiceRef[] {
  const neighbours = Map.groupBy(calls.map(ends), ([near]) => keyOf(near));
  let best: ServiceRef[] = [];
  let bestProduct = 1;
  let steps = 0;
  const walk = (at: ServiceRef, way: readonly ServiceRef[], seen: ReadonlySet<string>): void => {
    const product = productOf(way, tries);
    if (product > bestProduct) {
      best = [...way];
      bestProduct = product;
    }
    for (const [, next] of neighbours.get(keyOf(at)) ?? []) {
      steps += 1;
      if (steps > stepsMax || way.length >= depthMax) {
        return;
      }
      if (!seen.has(keyOf(next))) {
        walk(next, [...way, next], new Set([...seen, keyOf(next)]));
      }
    }
  };
  walk(known[0], [], new Set(known.map(keyOf)));
  return best;
}
