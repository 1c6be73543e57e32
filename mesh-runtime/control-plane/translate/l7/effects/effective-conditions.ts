import type { WantedCondition } from "../../conditions.ts";
import { destinationRuleLookup } from "../destination-rules.ts";
import { authorizationPolicyEffects } from "./authorization-policy-effect.ts";
import { destinationRuleEffects } from "./destination-rule-effect.ts";
import type { EffectContext } from "./effect.ts";
import { rateLimitStatuses } from "./rate-limit-status.ts";
import { requestAuthenticationEffects } from "./request-authentication-effect.ts";
import { telemetryEffects } from "./telemetry-effect.ts";
import { trafficDistributionEffects } from "./traffic-distribution-effect.ts";
import { virtualServiceEffects } from "./virtual-service-effect.ts";

/** Kinds whose conditions are made here; the names are those of the watched resources. */
export interface EffectiveConditions {
  readonly destinationRules: ReadonlyMap<string, readonly WantedCondition[]>;
  readonly virtualServices: ReadonlyMap<string, readonly WantedCondition[]>;
  readonly requestAuthentications: ReadonlyMap<string, readonly WantedCondition[]>;
  readonly telemetries: ReadonlyMap<string, readonly WantedCondition[]>;
  readonly rateLimitPolicies: ReadonlyMap<string, readonly WantedCondition[]>;
  /** Those with action CUSTOM, and those with values that never match; they have Istio's own conditions besides. */
  readonly authorizationPolicies: ReadonlyMap<string, readonly WantedCondition[]>;
  /** Only those with a wish that nobody knows; they have other conditions besides. */
  readonly services: ReadonlyMap<string, readonly WantedCondition[]>;
}

/** Whether each object does what it asks for, read from what proxies are sent, with the next step where it does not. */
export function effectiveConditions(context: EffectContext): EffectiveConditions {
  const rules = destinationRuleLookup(context.world, context.facts);
  return {
    destinationRules: alone(destinationRuleEffects(context, rules)),
    virtualServices: alone(virtualServiceEffects(context, rules)),
    requestAuthentications: alone(requestAuthenticationEffects(context)),
    telemetries: alone(telemetryEffects(context)),
    rateLimitPolicies: rateLimitStatuses(context),
    authorizationPolicies: alone(authorizationPolicyEffects(context)),
    services: alone(trafficDistributionEffects(context)),
  };
}

const alone = (effects: ReadonlyMap<string, WantedCondition>): ReadonlyMap<string, readonly WantedCondition[]> =>
  new Map([...effects].map(([key, effect]) => [key, [effect]]));
