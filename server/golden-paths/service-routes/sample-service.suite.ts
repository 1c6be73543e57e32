/** A service with two versions in two regions behind a waypoint, and intents as forms make them. Test code. */

import { pathForms } from "@/server/contracts/golden-paths/forms.ts";
import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { type SampleOptions, sampleInventory } from "@/server/inventory/sample.suite.ts";
import { noTraffic, type SeenCall, type SeenPath, type TrafficInsight } from "../insight.ts";
import { type Intent, type IntentOf, type IntentSlug, intent, intentSet } from "../intent.ts";
import { type FilledIn, fillIn } from "../registry.ts";

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

export const nowUnixMs = Date.UTC(2026, 10, 22);

/** What was seen: calls by `from` and `to`, and paths of the service as `METHOD /path`. */
export function seen(
  calls: readonly (Pick<SeenCall, "from" | "to"> & Partial<SeenCall>)[],
  paths: Readonly<Record<string, Partial<SeenPath>>> = {},
  p99Ms = 0,
): TrafficInsight {
  return {
    ...noTraffic,
    calls: calls.map((call) => ({ requests: 3_600, requestsPerSecond: 1, p99Ms: 10, ...call })),
    paths: ({ name }) =>
      name !== history.name
        ? []
        : Object.entries(paths).map(([text, more]) => {
            const [method = "", path = ""] = text.split(" ");
            return { method, path, requests: 3_600, errors: 0, p99Ms: 10, ...more };
          }),
    p99Ms: ({ name }) => (name === history.name ? p99Ms : 0),
  };
}

export interface Situation {
  readonly intents?: readonly Intent[];
  readonly traffic?: TrafficInsight;
  readonly inventory?: Inventory;
}

/** A form about the service, filled in. */
export function fillHistory<S extends PathSlug>(
  slug: S,
  values: Readonly<Record<string, unknown>> = {},
  { intents = [], traffic = noTraffic, inventory = historyInventory() }: Situation = {},
): FilledIn {
  const form = pathForms[slug].parse({ service: history, ...values }) as never;
  return fillIn(slug, form, { inventory, current: intentSet(intents), traffic, nowUnixMs });
}

/** `level code field` of each finding. */
export const codesOf = ({ findings }: FilledIn): string[] =>
  findings.map(({ level, code, field }) => `${level} ${code} ${field}`.trim());
