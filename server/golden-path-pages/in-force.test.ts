import { expect, test } from "vitest";
import { noTraffic } from "@/server/golden-paths/insight.ts";
import { type Intent, intentKey, intentSet } from "@/server/golden-paths/intent.ts";
import { sampleInventory } from "@/server/inventory/sample.suite.ts";
import { inForceFor, inForceOf } from "./in-force.ts";

const service = { namespace: "web-api", name: "web-api" };
const grant: Intent = {
  slug: "let-a-caller-in",
  service,
  caller: { kind: "identity", namespace: "default", serviceAccount: "sleep" },
  ports: [8080],
  requests: [],
  until: 99_000,
};
const waypoint: Intent = { slug: "give-a-waypoint", namespace: "web-api", replicas: 1 };
const all = inForceOf(
  { inventory: sampleInventory(), current: intentSet([grant, waypoint]), traffic: noTraffic, nowUnixMs: 1 },
  new Map([[intentKey(grant), "change-7"]]),
);

test("what is in force for a service opens its form as it is, takes it back, and names its end and change", () => {
  expect(inForceFor(all, service, "retries")).toMatchObject([
    {
      slug: "let-a-caller-in",
      key: intentKey(grant),
      edit: { service, ports: [8080], allowed: true },
      remove: { service, ports: [8080], allowed: false },
      untilUnixMs: 99_000,
      changeId: "change-7",
    },
  ]);
});

test("what is in force for its namespace shows in the form of that path alone, and for no other service", () => {
  const slugs = (of: typeof service, slug: string): string[] => inForceFor(all, of, slug).map((one) => one.slug);
  expect(slugs(service, "give-a-waypoint").sort()).toEqual(["give-a-waypoint", "let-a-caller-in"]);
  expect(slugs({ namespace: "default", name: "httpbin" }, "give-a-waypoint")).toEqual([]);
});
