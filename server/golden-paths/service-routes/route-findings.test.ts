import { describe, expect, test } from "vitest";
import type { RoutingObjects } from "@/server/inventory/routing.ts";
import { codesOf, fillHistory, historyInventory, intentFor, type Situation } from "./sample-service.suite.ts";

const toHistory = [{ group: "", kind: "Service", name: "purchase-history" }];
const routed = (metadata: object, rules: readonly object[], parentRefs: readonly object[] = toHistory): Situation => ({
  inventory: historyInventory({
    routing: {
      routes: [
        { metadata: { namespace: "purchase-history", name: "by-hand", ...metadata }, spec: { parentRefs, rules } },
      ] as never,
    },
  }),
});
const backendRefs = [{ name: "purchase-history", port: 8080 }];
const some = [{ matches: [{ path: { type: "PathPrefix", value: "/a" } }], backendRefs }];
const all = [...some, { backendRefs }];
const everythingWritten = [{ matches: [{ path: { type: "PathPrefix", value: "/" } }], backendRefs }];
const ours = { labels: { "app.kubernetes.io/managed-by": "towpath" } };

const virtual = (host: string, more: object = {}, namespace = "purchase-history"): Situation => ({
  inventory: historyInventory({
    routing: {
      virtualServices: [
        {
          metadata: { namespace, name: "by-hand" },
          spec: { hosts: [host], http: [{ route: [{ destination: { host } }] }], ...more },
        },
      ] as unknown as RoutingObjects["virtualServices"],
    },
  }),
});
const timeouts: Situation = { intents: [intentFor("timeouts", { request: "1s" })] };
const fault = { abort: { percent: 1, status: 503 }, onlyWith: { header: "x-fault", value: "1" } };

describe("routes of somebody else", () => {
  test.each<[string, Situation, string[]]>([
    ["one that takes everything leaves nothing to ours", routed({}, all), ["error route-conflict"]],
    ["also when its match is written out", routed({}, everythingWritten), ["error route-conflict"]],
    [
      "one that takes some requests goes on to take them, and ours takes the rest",
      routed({}, some),
      ["warning rule-shadowed", "info route-without-default"],
    ],
    ["one in a namespace of callers has no effect", routed({ namespace: "web-api" }, all), []],
    ["one on a gateway is for others", routed({}, all, [{ name: "ingress", namespace: "istio-ingress" }]), []],
    ["one on another service is for others", routed({}, all, [{ group: "", kind: "Service", name: "other" }]), []],
    ["ours is no stranger", routed(ours, all), []],
    ["a VirtualService would be ignored without a word", virtual("purchase-history"), ["error route-conflict"]],
    ["also by its full name", virtual("purchase-history.purchase-history.svc.cluster.local"), ["error route-conflict"]],
    ["and by a wildcard", virtual("*.purchase-history.svc.cluster.local"), ["error route-conflict"]],
    ["not one for a gateway", virtual("purchase-history", { gateways: ["ingress"] }), []],
    [
      "not one of another namespace, where it does nothing",
      virtual("purchase-history.purchase-history.svc.cluster.local", {}, "web-api"),
      [],
    ],
    ["not one without rules for HTTP", virtual("purchase-history", { http: [] }), []],
  ])("%s", (_what, situation, expected) => {
    expect(codesOf(fillHistory("timeouts", { request: "1s" }, situation))).toEqual(expected);
  });

  test.each<[string, Situation]>([
    ["an HTTPRoute wins whole over faults", routed({}, some)],
    ["of two VirtualServices one acts", virtual("purchase-history")],
  ])("%s", (_what, situation) => {
    const filled = fillHistory("test-with-faults", fault, situation);
    expect(codesOf(filled)).toEqual(["error route-conflict"]);
    expect(filled.findings[0]?.place).toMatch(/^(HTTPRoute|VirtualService) purchase-history\/by-hand$/);
  });

  test("what is left when ours goes answers 404 to what it does not name", () => {
    const off = { request: "1s", enabled: false };
    expect(codesOf(fillHistory("timeouts", off, { ...routed({}, some), ...timeouts }))).toEqual([
      "warning route-without-default",
    ]);
    expect(codesOf(fillHistory("timeouts", off, { ...routed({}, all), ...timeouts }))).toEqual([]);
    expect(codesOf(fillHistory("timeouts", off, timeouts))).toEqual([]);
    const others: Situation = { intents: [...(timeouts.intents ?? []), intentFor("retries")] };
    expect(codesOf(fillHistory("timeouts", off, { ...routed({}, some), ...others }))).toEqual([
      "warning rule-shadowed",
      "info route-without-default",
    ]);
  });
});
