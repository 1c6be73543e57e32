import type { L7RateLimit } from "../../../xds/proxy-config.ts";
import { keyOf } from "../input/lenient.ts";
import type { MeshFacts, World } from "../input/world.ts";
import { actsOn, byAge, type PolicyTarget } from "./policy-target.ts";

/** The rate limits in front of a target, the oldest policy first. Policies that are not valid limit nothing. */
export const rateLimitsFor = (target: PolicyTarget, world: World, facts: MeshFacts): readonly L7RateLimit[] =>
  [...world.rateLimitPolicies.values()]
    .filter(
      (policy) =>
        policy.invalid.length === 0 &&
        policy.targets.length > 0 &&
        actsOn({ ...policy, selector: undefined }, target, facts),
    )
    .sort(byAge)
    .map((policy) => ({ policy: keyOf(policy), limits: policy.limits }));
