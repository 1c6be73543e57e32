import type { WantedCondition } from "../../conditions.ts";
import { trafficDistributionAnnotation } from "../../input/service.ts";
import { isKnownWish } from "../../service-load-balancing.ts";
import { type EffectContext, ineffective } from "./effect.ts";

/** Conditions of the Services whose wish for pods nearby nobody knows, by key; Istio passes it over with a line of log. */
export function trafficDistributionEffects({ world }: EffectContext): ReadonlyMap<string, WantedCondition> {
  const effects = new Map<string, WantedCondition>();
  for (const [key, service] of world.services) {
    const wishes = [
      ["trafficDistribution", service.trafficDistribution],
      [`annotation ${trafficDistributionAnnotation}`, service.trafficDistributionWish],
      [
        `annotation ${trafficDistributionAnnotation} of namespace ${service.namespace}`,
        world.namespaces.get(service.namespace)?.trafficDistributionWish ?? "",
      ],
    ] as const;
    const unknown = wishes.find(([, wish]) => wish !== "" && !isKnownWish(wish));
    if (unknown !== undefined) {
      const [where, wish] = unknown;
      effects.set(
        key,
        ineffective({
          reason: "UnknownValue",
          message: `${where} says ${wish}, which is passed over: write PreferSameZone, PreferSameNode or PreferClose`,
        }),
      );
    }
  }
  return effects;
}
