/** A service with two versions in two regions behind a waypoint, and intents as forms make them. Test code. */
import type { ServiceRef } from "@/server/contracts/names.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { type SampleOptions, sampleInventory } from "@/server/inventory/sample.suite.ts";
import { type Intent, type IntentOf, type IntentSlug, intent } from "../intent.ts";

export const history: ServiceRef = { namespace: "purchase-history", name: "purchase-history" };
export const httpbin: ServiceRef = { namespace: "default", name: "httpbin" };

const nodes: Inventory["nodes"] = [
  { name: "node-a", region: "r1", zone: "r1-a" },
  { name: "node-b", region: "r1", zone: "r1-b" },
  { name: "node-c", region: "r2", zone: "r2-a" },
].map((place) => ({ ...place, ready: true, readyText: "", address: "", version: "v1.33.0-towpath" }));

/** Everybody is in the mesh; v1 runs in the first region, v2 in the second. */
export function historyInventory(options: SampleOptions = {}): Inventory {
  const everybody = ["web-api", "recommendation", "purchase-history", "default"];
  const sample = sampleInventory({ enrolled: everybody, waypoint: "purchase-history", ...options });
  const places = new Map(sample.pods.map((pod) => [pod, { ...pod, node: pod.version === "v2" ? "node-c" : pod.node }]));
  const place = <P>(pod: P): P => (places.get(pod as never) as P | undefined) ?? pod;
  return {
    ...sample,
    nodes,
    pods: sample.pods.map(place),
    services: sample.services.map((service) => ({ ...service, pods: service.pods.map(place) })),
  };
}

/** An intent with the defaults of its form. */
export const intentFor = <S extends IntentSlug>(
  slug: S,
  values: Readonly<Record<string, unknown>> = {},
  service: ServiceRef = history,
): IntentOf<S> => intent.parse({ slug, service, ...values } as unknown) as Intent & IntentOf<S>;
