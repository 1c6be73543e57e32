import { describe, expect, test } from "vitest";
import type { ClusterObjects } from "@/server/inventory/cluster-objects.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import {
  type Around,
  atHttpbin,
  byHand,
  codesOf,
  contextOf,
  filled,
  labelled,
  reopened,
} from "../access/filled-in.suite.ts";
import { grant, headersOnly, httpbin, signIn, waypoint } from "../access/sample-intents.suite.ts";
import { intentSet } from "../intent.ts";
import { surroundingsOf } from "../surroundings.ts";
import { needWaypoint } from "../waypoint/need-waypoint.ts";

const give = (values: object = {}, around: Around = {}) =>
  filled("give-a-waypoint", { namespaces: ["default"], ...values }, around);
const take = (around: Around) => give({ given: false }, around);
const namespaceLabel =
  (value: string) =>
  (inventory: Inventory): Inventory => ({
    ...inventory,
    namespaces: inventory.namespaces.map((one) =>
      one.name === "default" ? { ...one, labels: { ...one.labels, "istio.io/use-waypoint": value } } : one,
    ),
  });

describe("giving a waypoint", () => {
  test("says what goes through it, and how many pods it has", () => {
    expect(give({ replicas: 2 }).sentence).toBe(
      "Leads all calls to 2 services of namespace default through a waypoint with 2 pods, where requests are read. No workload is restarted; the waypoint takes over once it is ready.",
    );
    expect(codesOf(give())).toEqual([]);
    expect(reopened(waypoint("default", 2), "give-a-waypoint")).toEqual({
      values: { namespaces: ["default"], replicas: 2, given: true },
      summary: "a waypoint with 2 pods",
    });
  });

  test.each<[string, object, Around, string[]]>([
    ["a namespace that does not exist", { namespaces: ["nosuch"] }, {}, ["error unknown-namespace namespaces.0"]],
    ["pods outside the mesh", {}, { sample: { enrolled: [] } }, ["warning namespace-not-enrolled namespaces.0"]],
    [
      "a label that somebody set",
      {},
      { change: namespaceLabel("other") },
      ["warning managed-elsewhere namespaces.0 Namespace default"],
    ],
    [
      "a Gateway that somebody made",
      {},
      { sample: { waypoint: "default" } },
      ["warning managed-elsewhere namespaces.0 Gateway default/waypoint"],
    ],
    ["nothing when it is ours already", {}, { sample: { waypoint: "default" }, intents: [waypoint("default")] }, []],
  ])("tells of %s", (_what, values, around, expected) => {
    expect(codesOf(give(values, around))).toEqual(expected);
  });

  test("warns of callers that arrive as the waypoint and would be refused", () => {
    const policies = [
      byHand("callers", {
        selector: { matchLabels: { app: "httpbin" } },
        rules: [{ from: [{ source: { serviceAccounts: ["default/sleep"] } }] }],
      }),
    ];
    const cutOff = "warning waypoint-cut-off namespaces.0 AuthorizationPolicy default/callers";
    expect(codesOf(give({}, { sample: { authorizationPolicies: policies } }))).toEqual([cutOff]);
    // What Towpath wrote moves along.
    expect(codesOf(give({}, { sample: { authorizationPolicies: policies }, intents: [grant()] }))).toEqual([]);
  });
});

describe("taking the waypoint away", () => {
  const around: Around = { sample: { waypoint: "default" }, intents: [waypoint("default")] };

  test("is refused as long as a rule needs it, with the way to take the rule back", () => {
    const needing: Around = { ...around, intents: [waypoint("default"), grant({ requests: [headersOnly] }), signIn()] };
    const form = take(needing);
    expect(codesOf(form)).toEqual(["error waypoint-missing namespaces.0", "error waypoint-missing namespaces.0"]);
    expect(form.findings.map(({ path }) => [path?.slug, path?.values["allowed"] ?? path?.values["required"]])).toEqual([
      ["let-a-caller-in", false],
      ["require-sign-in", false],
    ]);
  });

  test("is no loss for rules about callers alone", () => {
    expect(codesOf(take({ ...around, intents: [waypoint("default"), grant()] }))).toEqual([]);
  });

  test("tells of everything that others made for it", () => {
    const sample = {
      waypoint: "default",
      authorizationPolicies: [byHand("theirs", { ...atHttpbin, action: "DENY", rules: [{}] })],
      routing: {
        routes: [
          {
            metadata: { name: "split", namespace: "default" },
            spec: { parentRefs: [{ group: "", kind: "Service", name: "httpbin" }] },
          },
        ] as unknown as ClusterObjects["routes"],
      },
    };
    expect(codesOf(take({ ...around, sample }))).toEqual([
      "warning policy-ignored namespaces.0 AuthorizationPolicy default/theirs",
      "warning policy-ignored namespaces.0 HTTPRoute default/split",
    ]);
  });
});

describe("what a path that needs a waypoint plans", () => {
  test("one, unless calls go through one already", () => {
    expect(needWaypoint(httpbin, contextOf()).map(({ after }) => after)).toEqual([waypoint("default")]);
    expect(needWaypoint(httpbin, contextOf({ sample: { waypoint: "default" } }))).toEqual([]);
    expect(needWaypoint(httpbin, contextOf({ intents: [waypoint("default", 3)] }))).toEqual([]);
  });

  test("none for a service that refuses waypoints", () => {
    const context = contextOf({
      change: labelled("httpbin", { "istio.io/use-waypoint": "none" }),
      intents: [waypoint("default")],
    });
    expect(needWaypoint(httpbin, context)).toEqual([]);
    expect(surroundingsOf(context.current, context.inventory).waypointOf(httpbin)).toBeUndefined();
  });

  test("a waypoint that is named and not ready yet is one already", () => {
    const named = (inventory: Inventory): Inventory => ({
      ...namespaceLabel("waypoint")(inventory),
      services: inventory.services.map((one) => ({ ...one, waypoint: undefined })),
    });
    const { inventory } = contextOf({ sample: { waypoint: "default" }, change: named });
    expect(surroundingsOf(intentSet([]), inventory).waypointOf(httpbin)).toEqual({
      namespace: "default",
      name: "waypoint",
    });
  });
});
