import type { RateLimitEntry } from "@/server/contracts/golden-paths/resilience.ts";
import { targetsOf } from "../access/targets.ts";
import { intentsOf } from "../intent.ts";
import { managed, type Rendered } from "../resource.ts";
import type { Surroundings } from "../surroundings.ts";
import { limitMatches } from "./limit-matches.ts";

/** One RateLimitPolicy for each service, at its waypoint. */
export const generateRateLimits = (surroundings: Surroundings): Rendered[] =>
  intentsOf(surroundings.intents, "rate-limit").map((intent) => {
    const { namespace, name } = intent.service;
    return managed("RateLimitPolicy", namespace, name, [intent], {
      targetRefs: targetsOf(intent.service, surroundings),
      limits: intent.limits.map(renderLimit),
    });
  });

/** What is counted apart. */
const perWhat = { total: "Total", caller: "Identity", header: "Header" } as const;

/** A caller as the limit's own value names it. */
export const callerValue = /^[a-z0-9][-a-z0-9]*\/[a-z0-9][-.a-z0-9]*$/;

/** Overrides that mean somebody: of a total there is nobody to single out. Each value once. */
export function overridesOf({ per, overrides }: RateLimitEntry): RateLimitEntry["overrides"] {
  const usable = overrides.filter(({ value }) => per === "header" || (per === "caller" && callerValue.test(value)));
  return [...new Map(usable.toReversed().map((one) => [one.value, one])).values()].toReversed();
}

function renderLimit(entry: RateLimitEntry, index: number): object {
  const { requests, interval, burst, per, header, only } = entry;
  const overrides = overridesOf(entry);
  const matches = only === null ? [] : limitMatches(only).matches;
  return {
    name: `limit-${index + 1}`,
    requests,
    interval,
    ...(burst === null ? {} : { burst }),
    per: perWhat[per],
    ...(per === "header" ? { header } : {}),
    ...(matches.length === 0 ? {} : { matches }),
    ...(overrides.length === 0 ? {} : { overrides }),
  };
}
