import { existsSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { authorizationPolicySchema } from "@/mesh-runtime/api/authorizationpolicy.ts";
import { gatewaySchema } from "@/mesh-runtime/api/gateway.ts";
import { serviceEntrySchema } from "@/mesh-runtime/api/serviceentry.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { sampleInventory } from "@/server/inventory/sample.suite.ts";
import { intentsOfCluster } from "../from-manifest.ts";
import { type IntentOf, intentSet, intentsOf } from "../intent.ts";
import { toYaml } from "../resource.ts";
import { surroundingsOf } from "../surroundings.ts";
import { generateDestinations } from "./generate.ts";

type Destination = IntentOf<"allow-a-destination">;

const inventory = sampleInventory({ enrolled: ["web-api", "default"] });
const caller = (namespace: string, serviceAccount: string) => ({
  kind: "identity" as const,
  namespace,
  serviceAccount,
});
const destination = (more: Partial<Destination> = {}): Destination => ({
  slug: "allow-a-destination",
  namespace: "web-api",
  host: "api.example.com",
  ports: [{ port: 443, protocol: "TLS" }],
  addresses: [],
  callers: [caller("web-api", "web-api")],
  ...more,
});
const byHand: Inventory = {
  ...inventory,
  gateways: [
    ...inventory.gateways,
    {
      namespace: "web-api",
      name: "egress",
      className: "istio-waypoint",
      programmed: true,
      text: "",
      addresses: [],
      hosts: [],
      labels: {},
      service: "egress",
    },
  ],
};
const render = (intents: readonly Destination[], around = inventory) =>
  generateDestinations(surroundingsOf(intentSet(intents), around));

const cases: Record<string, readonly [Destination[], Inventory?]> = {
  "a destination comes with its waypoint and its callers": [[destination()]],
  "destinations of a namespace share its waypoint": [
    [
      destination({
        ports: [{ port: 80, protocol: "HTTP" }],
        callers: [caller("web-api", "web-api"), caller("default", "sleep")],
      }),
      destination({
        host: "ledger.corp",
        ports: [{ port: 5432, protocol: "TCP" }],
        addresses: ["10.20.0.5", "fd00::5"],
      }),
    ],
  ],
  "a waypoint that somebody made is used as it is": [[destination()], byHand],
  "many callers are several sources": [
    [destination({ callers: Array.from({ length: 17 }, (_, index) => caller("default", `c${index}`)) })],
  ],
};

describe("generated resources", () => {
  test.each(Object.entries(cases))("%s", (sentence, [intents, around]) => {
    const file = fileURLToPath(new URL(`testdata/${sentence.replaceAll(" ", "-")}.out.yaml`, import.meta.url));
    const golden = `# ${sentence}\n${render(intents, around).map(toYaml).join("---\n")}`;
    if (process.env["UPDATE_GOLDEN"] === "1" || !existsSync(file)) {
      expect(process.env["UPDATE_GOLDEN"], `${file} is missing: run with UPDATE_GOLDEN=1`).toBe("1");
      writeFileSync(file, golden);
    }
    expect(golden).toBe(readFileSync(file, "utf8"));
  });

  test.each(Object.entries(cases))("are accepted by their kind's schema: %s", (_sentence, [intents, around]) => {
    const schemas = {
      AuthorizationPolicy: authorizationPolicySchema,
      Gateway: gatewaySchema,
      ServiceEntry: serviceEntrySchema,
    };
    for (const resource of render(intents, around)) {
      expect(schemas[resource.kind as keyof typeof schemas].safeParse(resource).error).toBeUndefined();
    }
  });
});

const name = fc.stringMatching(/^[a-z]([-a-z0-9]{0,20}[a-z0-9])?$/);
const anyDestination: fc.Arbitrary<Destination> = fc.record({
  slug: fc.constant("allow-a-destination" as const),
  namespace: fc.constantFrom("web-api", "default"),
  host: fc.tuple(name, name).map((labels) => labels.join(".")),
  ports: fc.uniqueArray(
    fc.record({
      port: fc.integer({ min: 1, max: 65_535 }),
      protocol: fc.constantFrom("HTTP" as const, "TLS" as const, "TCP" as const),
    }),
    { minLength: 1, maxLength: 4, selector: ({ port }) => port },
  ),
  addresses: fc.uniqueArray(fc.ipV4(), { maxLength: 3 }),
  callers: fc.array(fc.record({ kind: fc.constant("identity" as const), namespace: name, serviceAccount: name }), {
    minLength: 1,
    maxLength: 20,
  }),
});

test("intents come back from the resources they were rendered to", () => {
  void fc.assert(
    fc.property(fc.array(anyDestination, { maxLength: 5 }), (intents) => {
      const set = intentSet(intents);
      const objects = render(intentsOf(set, "allow-a-destination")).flatMap((resource) =>
        parseAllDocuments(toYaml(resource)).map((document) => document.toJS()),
      );
      const sorted = (of: typeof set) => [...of].sort(([one], [other]) => (one < other ? -1 : 1));
      expect(sorted(intentsOfCluster(objects))).toEqual(sorted(set));
    }),
    { numRuns: 60 },
  );
});
