/** Checks say nothing about what Towpath itself writes, nor about the demo: a false alarm is as bad as silence. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import {
  accessIntent,
  gateway,
  grant,
  headersOnly,
  knows,
  signIn,
  sleep,
  waypoint,
} from "@/server/golden-paths/access/sample-intents.suite.ts";
import { intentsOfCluster } from "@/server/golden-paths/from-manifest.ts";
import { type Intent, intentSet } from "@/server/golden-paths/intent.ts";
import { render } from "@/server/golden-paths/render.ts";
import type { Rendered } from "@/server/golden-paths/resource.ts";
import { inventoryAfter } from "@/server/impact/objects-after.ts";
import { buildInventory } from "@/server/inventory/build.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { sampleInventory } from "@/server/inventory/sample.suite.ts";
import { findingsIn } from "./findings.ts";

const everybody = ["web-api", "recommendation", "purchase-history", "default"];

/** The sample company in the mesh; a waypoint is there as the path that gives it would leave it. */
function company(waypoint?: string): Inventory {
  const { objects } = sampleInventory({ enrolled: everybody, ...(waypoint === undefined ? {} : { waypoint }) });
  return buildInventory({
    ...objects,
    namespaces: objects.namespaces.map((one) =>
      one.metadata.name === waypoint
        ? {
            ...one,
            metadata: { ...one.metadata, labels: { ...one.metadata.labels, "istio.io/use-waypoint": "waypoint" } },
          }
        : one,
    ),
  });
}

/** What is found once the objects are applied and everything settled. */
const foundAfter = (inventory: Inventory, objects: readonly Rendered[]): string[] =>
  findingsIn({
    inventory: inventoryAfter(
      inventory,
      objects.map((after) => ({
        ref: { kind: after.kind, namespace: after.metadata.namespace ?? "", name: after.metadata.name },
        before: undefined,
        after,
      })),
    ),
    target: "embedded",
  }).map(({ code, place, message }) => `${code} @ ${place}: ${message}`);

/** What intents render to is what is applied; those who ask an authorizer are asked of one that the mesh knows. */
const foundFor = (intents: readonly Intent[], inventory: Inventory): string[] => {
  const all = intentSet(intents.some(({ slug }) => slug === "ask-an-authorizer") ? [...intents, knows] : intents);
  return foundAfter(inventory, [...render(all, inventory).values()]);
};

const goldenPaths = fileURLToPath(new URL("../golden-paths/", import.meta.url));
const goldens = readdirSync(goldenPaths, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".out.yaml"))
  .sort();

/** What the objects of a golden file were rendered from. */
const intentsIn = (text: string): Intent[] => [
  ...intentsOfCluster(
    parseAllDocuments(text)
      .map((document) => document.toJS() as KubeObject | null)
      .filter((object) => object !== null)
      .map((object) => ({
        ...object,
        metadata: {
          ...object.metadata,
          labels: { ...object.metadata?.labels, "app.kubernetes.io/managed-by": "towpath" },
        },
      })),
  ).values(),
];

/** What is meant so, and told. */
const meant: Readonly<Record<string, string>> = {
  "access/testdata/a-service-that-is-kept-closed-lets-nobody-in-at-its-pods.out.yaml": "kept-closed",
  "access/testdata/a-service-that-is-kept-closed-lets-nobody-in-at-its-waypoint-and-nobody-past-it.out.yaml":
    "kept-closed",
  // Nobody gets in until there is a waypoint.
  "access/testdata/rules-about-requests-without-a-waypoint-let-nobody-in.out.yaml": "waypoint-missing",
};

test("golden files of every path are looked at", () => {
  expect(goldens.length).toBeGreaterThan(60);
  expect(Object.keys(meant).filter((name) => !goldens.includes(name))).toEqual([]);
});

describe("nothing is found in what golden paths render", () => {
  test.each(goldens)("%s", (name) => {
    const intents = intentsIn(readFileSync(`${goldenPaths}${name}`, "utf8"));
    const waypoint = name.startsWith("service-routes/")
      ? "purchase-history"
      : /behind-a-w|with-a-w|with-w/.test(name)
        ? "web-api"
        : undefined;
    const found = foundFor(intents, company(waypoint));
    expect(found.filter((one) => !one.startsWith(`${meant[name]} @ `))).toEqual([]);
    expect(found.length > 0).toBe(name in meant);
  });
});

describe("nor where the mesh is locked, the service exposed, and its callers are let in", () => {
  const history = { namespace: "purchase-history", name: "purchase-history" };
  const front = { namespace: "istio-ingress", name: "ingress" };
  const around: readonly Intent[] = [
    { slug: "lock-down", namespace: "istio-system", openGateways: [{ ...front, hosts: ["shop.example.com"] }] },
    { slug: "require-mtls", namespace: "istio-system" },
    grant({ service: history, caller: gateway, ports: [8080] }),
    grant({ service: history, caller: sleep, ports: [8080], requests: [headersOnly] }),
    signIn({ service: history }),
    {
      slug: "expose-to-the-outside",
      service: history,
      port: 8080,
      host: "shop.example.com",
      path: "/",
      gateway: front,
      certificate: null,
      redirectToHttps: false,
    },
  ];

  test.each(goldens.filter((name) => name.startsWith("service-routes/")))("%s", (name) => {
    const intents = intentsIn(readFileSync(`${goldenPaths}${name}`, "utf8"));
    expect(foundFor([...intents, ...around], company("purchase-history"))).toEqual([]);
  });
});

test("nor in any composition of access rules behind a waypoint", () => {
  void fc.assert(
    fc.property(fc.array(accessIntent, { maxLength: 6 }), (intents) => {
      const found = foundFor([...intents, waypoint("default"), waypoint("web-api")], company());
      // What an end leaves behind is told, and meant so.
      expect(found.filter((one) => !one.startsWith("kept-closed @ "))).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

/** The demo's own objects as kubectl applies them, with their pods in the mesh and everything settled. */
function demo(files: readonly string[]): string[] {
  const folder = fileURLToPath(new URL("../../demo/", import.meta.url));
  const objects = files
    .flatMap((name) => parseAllDocuments(readFileSync(`${folder}${name}`, "utf8")))
    .map((document) => document.toJS() as Rendered | null)
    .filter((object) => object !== null);
  return foundAfter(company(), objects);
}
const manifests = (folder: string): string[] =>
  readdirSync(fileURLToPath(new URL(`../../demo/${folder}`, import.meta.url)))
    .filter((name) => name.endsWith(".yaml"))
    .sort()
    .map((name) => `${folder}/${name}`);

test("nor in the demo, alone and with its steps of layer 7", () => {
  expect(demo(manifests("manifests"))).toEqual([]);
  expect(demo([...manifests("manifests"), ...manifests("layer-7")])).toEqual([]);
});
