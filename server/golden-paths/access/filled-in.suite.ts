/** Forms filled in over the sample company, for tests. */
import type * as z from "zod";
import { type PathFormValues, pathForms } from "@/server/contracts/golden-paths/forms.ts";
import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { type SampleOptions, sampleInventory } from "@/server/inventory/sample.suite.ts";
import { noTraffic, type TrafficInsight } from "../insight.ts";
import { type Intent, intentSet } from "../intent.ts";
import type { PathContext } from "../path.ts";
import { type FilledIn, fillIn, goldenPath } from "../registry.ts";

export const now = Date.UTC(2026, 10, 22);
const everywhere = ["web-api", "recommendation", "purchase-history", "default"];

export interface Around {
  readonly sample?: SampleOptions;
  readonly intents?: readonly Intent[];
  readonly traffic?: Partial<TrafficInsight>;
  readonly change?: (inventory: Inventory) => Inventory;
}

export function contextOf({
  sample = {},
  intents = [],
  traffic = {},
  change = (same) => same,
}: Around = {}): PathContext {
  return {
    inventory: change(sampleInventory({ enrolled: everywhere, ...sample })),
    current: intentSet(intents),
    traffic: { ...noTraffic, ...traffic },
    nowUnixMs: now,
  };
}

/** The form as the browser sends it: what is left out has its default. */
export function filled<S extends PathSlug>(
  slug: S,
  values: Partial<z.input<(typeof pathForms)[S]>>,
  around: Around = {},
): FilledIn {
  // The schema of the slug makes its own form.
  const form = pathForms[slug].parse(values) as PathFormValues[S];
  return fillIn(slug, form, contextOf(around));
}

export const codesOf = ({ findings }: Pick<FilledIn, "findings">): string[] =>
  findings.map(({ level, code, field, place }) => [level, code, field, place].filter((part) => part !== "").join(" "));

/** The form of an intent, opened and sent again, plans nothing new. */
export const reopened = (intent: Intent, slug: PathSlug, around: Around = {}) =>
  goldenPath(slug).refill(intent, contextOf(around));

/** A policy that somebody made by hand, in namespace default. */
export const byHand = (name: string, spec: object, status: object = {}) => ({
  metadata: { name, namespace: "default" },
  spec,
  status,
});
export const httpbinPods = { selector: { matchLabels: { app: "httpbin" } } };
export const atHttpbin = { targetRefs: [{ group: "", kind: "Service", name: "httpbin" }] };

/** A second Service of httpbin's pods. */
export const withSibling =
  (labels: Readonly<Record<string, string>> = {}) =>
  (inventory: Inventory): Inventory => {
    const [own] = inventory.services.filter(({ name }) => name === "httpbin");
    const object = inventory.objects.services.find(({ metadata }) => metadata?.name === "httpbin");
    if (own === undefined || object === undefined) {
      throw new Error("the sample has no httpbin");
    }
    const sibling = { ...object, metadata: { ...object.metadata, name: "httpbin-old", labels: { ...labels } } };
    return {
      ...inventory,
      services: [...inventory.services, { ...own, name: "httpbin-old" }],
      objects: { ...inventory.objects, services: [...inventory.objects.services, sibling] },
    };
  };

/** Labels on a Service. */
export const labelled =
  (name: string, labels: Readonly<Record<string, string>>) =>
  (inventory: Inventory): Inventory => ({
    ...inventory,
    objects: {
      ...inventory.objects,
      services: inventory.objects.services.map((one) =>
        one.metadata?.name === name ? { ...one, metadata: { ...one.metadata, labels: { ...labels } } } : one,
      ),
    },
  });

/** A route of the gateway to a Service of namespace default. */
export const routeTo = (name: string) => ({
  metadata: { namespace: "default", name: "from-outside" },
  spec: {
    hostnames: ["shop.example"],
    parentRefs: [{ name: "ingress", namespace: "istio-ingress" }],
    rules: [{ backendRefs: [{ name, port: 8000 }] }],
  },
});

/** The mesh's configuration, as somebody wrote it. */
export const meshConfig =
  (mesh: string, metadata: object = {}) =>
  (inventory: Inventory): Inventory => ({
    ...inventory,
    objects: {
      ...inventory.objects,
      configMaps: [
        {
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: "istio", namespace: "istio-system", ...metadata },
          data: { mesh },
        },
      ],
    },
  });
