import { describe, expect, test } from "vitest";
import { sampleInventory } from "@/server/inventory/sample.suite.ts";
import { type Intent, intentKey, intentSet } from "./intent.ts";
import { sameNameFindings } from "./same-names.ts";

const inventory = sampleInventory({ enrolled: ["default"] });
const waypoint: Intent = { slug: "give-a-waypoint", namespace: "default", replicas: 1 };
const sleep = { kind: "identity" as const, namespace: "default", serviceAccount: "sleep" };
const serviceOf = (name: string) => ({ namespace: "default", name });
const block = (name: string): Intent => ({
  slug: "block-a-caller",
  service: serviceOf(name),
  blocked: { who: "this", caller: sleep },
  ports: [8000],
  requests: [],
  until: null,
});
const ask = (name: string, authorizer: string): Intent => ({
  slug: "ask-an-authorizer",
  service: serviceOf(name),
  authorizer,
  methods: [],
  paths: [],
  exceptPaths: [],
});
const places = (now: readonly Intent[], next: Intent): string[] =>
  sameNameFindings([{ key: intentKey(next), before: undefined, after: next }], {
    current: intentSet(now),
    inventory,
  }).map(({ level, place }) => `${level} ${place}`);

describe("two rules that come to one name", () => {
  test.each([
    ["of the pods and of a waypoint", block("httpbin"), block("httpbin-waypoint"), "httpbin-waypoint-blocked"],
    ["of two authorizers", ask("httpbin", "b-asks-c"), ask("httpbin-asks-b", "c"), "httpbin-asks-b-asks-c"],
  ])("%s are refused, whichever comes first", (_what, one, other, name) => {
    const refused = [`error AuthorizationPolicy default/${name}`];
    expect(places([waypoint, one], other)).toEqual(refused);
    expect(places([waypoint, other], one)).toEqual(refused);
  });

  test("do not stand in the way of others once they are there", () => {
    expect(places([waypoint, block("httpbin"), block("httpbin-waypoint")], block("sleep"))).toEqual([]);
  });

  test("are none where names only look alike", () => {
    expect(places([waypoint, block("httpbin")], block("httpbin-way"))).toEqual([]);
  });
});
