import { existsSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import type { Gateway } from "@/mesh-runtime/api/gateway.ts";
import { httpRouteSchema } from "@/mesh-runtime/api/httproute.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { sampleInventory } from "@/server/inventory/sample.suite.ts";
import { intentsOfCluster } from "../from-manifest.ts";
import { intentSet, intentsOf } from "../intent.ts";
import { ownedPart } from "../owned-part.ts";
import { toYaml } from "../resource.ts";
import { surroundingsOf } from "../surroundings.ts";
import { generateExposures } from "./generate.ts";
import type { Exposure } from "./listeners.ts";

const inventory = sampleInventory({ enrolled: ["web-api", "default"] });
const behindWaypoint = sampleInventory({ enrolled: ["web-api"], waypoint: "web-api" });
const exposure = (more: Partial<Exposure> = {}): Exposure => ({
  slug: "expose-to-the-outside",
  service: { namespace: "web-api", name: "web-api" },
  port: 8080,
  host: "shop.example.com",
  path: "/",
  gateway: { namespace: "istio-ingress", name: "ingress" },
  certificate: null,
  redirectToHttps: true,
  ...more,
});
const httpbin = { service: { namespace: "default", name: "httpbin" }, port: 8000 };

/** A listener of somebody else that serves just the host. */
const withListener: Inventory = {
  ...inventory,
  objects: {
    ...inventory.objects,
    gateways: inventory.objects.gateways.map((gateway) =>
      gateway.metadata?.name === "ingress"
        ? ({
            ...gateway,
            spec: {
              gatewayClassName: "istio",
              listeners: [{ name: "http", port: 80, protocol: "HTTP", hostname: "shop.example.com" }],
            },
          } as Gateway)
        : gateway,
    ),
  },
};

const render = (exposures: readonly Exposure[], around = inventory) =>
  generateExposures(surroundingsOf(intentSet(exposures), around));

const cases: Record<string, readonly [Exposure[], Inventory?]> = {
  "a host in plain HTTP is a listener and a route": [[exposure({ redirectToHttps: false })]],
  "a certificate makes HTTPS and sends plain HTTP there": [[exposure({ certificate: "shop", path: "/api" })]],
  "HTTPS alone has no plain listener": [[exposure({ certificate: "shop", redirectToHttps: false })]],
  "services share a host and its listener": [[exposure(), exposure({ ...httpbin, path: "/anything" })]],
  "a service with two hosts has two routes": [[exposure(), exposure({ host: "www.example.com" })]],
  "a listener that is there already is used": [[exposure()], withListener],
  "behind a waypoint the gateway goes through it": [[exposure()], behindWaypoint],
};

describe("generated resources", () => {
  test.each(Object.entries(cases))("%s", (sentence, [exposures, around]) => {
    const file = fileURLToPath(new URL(`testdata/${sentence.replaceAll(" ", "-")}.out.yaml`, import.meta.url));
    const golden = `# ${sentence}\n${render(exposures, around).map(toYaml).join("---\n")}`;
    if (process.env["UPDATE_GOLDEN"] === "1" || !existsSync(file)) {
      expect(process.env["UPDATE_GOLDEN"], `${file} is missing: run with UPDATE_GOLDEN=1`).toBe("1");
      writeFileSync(file, golden);
    }
    expect(golden).toBe(readFileSync(file, "utf8"));
  });

  test.each(Object.entries(cases))(
    "are accepted by their kind's schema, which adds nothing: %s",
    (_, [exposures, around]) => {
      for (const resource of render(exposures, around).filter(({ kind }) => kind === "HTTPRoute")) {
        const parsed = httpRouteSchema.safeParse(resource);
        expect(parsed.error).toBeUndefined();
      }
    },
  );

  test("only our listeners of the gateway are ours", () => {
    const [gateway] = render([exposure()]);
    const spec = gateway?.spec as { listeners: { name: string }[] };
    const live = {
      ...gateway,
      spec: { gatewayClassName: "istio", listeners: [{ name: "http", port: 80, protocol: "HTTP" }, ...spec.listeners] },
    };
    expect(ownedPart(live as never, [gateway]).spec).toEqual(spec);
  });
});

const name = fc.stringMatching(/^[a-z]([-a-z0-9]{0,12}[a-z0-9])?$/);
const anyExposure: fc.Arbitrary<Exposure> = fc.record({
  slug: fc.constant("expose-to-the-outside" as const),
  service: fc.record({ namespace: fc.constantFrom("web-api", "default"), name }),
  port: fc.integer({ min: 1, max: 65_535 }),
  host: fc.constantFrom("a.example", "b.example"),
  path: fc.constantFrom("/", "/a", "/a/b"),
  gateway: fc.record({ namespace: fc.constant("istio-ingress"), name: fc.constantFrom("ingress", "other") }),
  certificate: fc.constantFrom(null, "one", "two"),
  redirectToHttps: fc.boolean(),
});

test("intents come back from the resources they were rendered to", () => {
  void fc.assert(
    fc.property(fc.array(anyExposure, { maxLength: 6 }), (exposures) => {
      const set = intentSet(exposures);
      const resources = render(intentsOf(set, "expose-to-the-outside"));
      const names = resources.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`);
      expect(new Set(names).size).toBe(names.length);
      const objects = resources.flatMap((resource) =>
        parseAllDocuments(toYaml(resource)).map((document) => document.toJS()),
      );
      const sorted = (of: typeof set) => [...of].sort(([one], [other]) => (one < other ? -1 : 1));
      expect(sorted(intentsOfCluster(objects))).toEqual(sorted(set));
    }),
    { numRuns: 100 },
  );
});
