/** How a Service says that near pods come first (`resources.md` §13). */
import type { IntentOf } from "../intent.ts";

export const trafficDistributionAnnotation = "networking.istio.io/traffic-distribution";

export interface ZonePreference {
  readonly spec?: { readonly trafficDistribution: "PreferClose" };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Kubernetes' field knows zones alone; nodes are said by Istio's annotation. */
export const zonePreference = ({ near }: Pick<IntentOf<"prefer-the-zone">, "near">): ZonePreference =>
  near === "zone"
    ? { spec: { trafficDistribution: "PreferClose" } }
    : { annotations: { [trafficDistributionAnnotation]: "PreferSameNode" } };
