import { describe, expect, test } from "vitest";
import {
  codesOf,
  fillHistory,
  history,
  historyInventory,
  httpbin,
  intentFor,
  type Situation,
  seen,
} from "../service-routes/sample-service.suite.ts";

const web = { namespace: "web-api", name: "web-api" };
const nearFirst = "info side-effects";
const rule = (namespace: string, name: string, host: string) => ({
  metadata: { namespace, name },
  spec: { host, trafficPolicy: { outlierDetection: {} } },
});
const withRules = (...destinationRules: ReturnType<typeof rule>[]): Situation => ({
  inventory: historyInventory({ routing: { destinationRules: destinationRules as never } }),
});

describe("circuit breaker", () => {
  test.each<[string, Record<string, unknown>, Situation, string[]]>([
    ["with pods in several places it also prefers those nearby", {}, {}, [nearFirst]],
    ["unless that is asked for anyway", {}, { intents: [intentFor("prefer-the-zone")] }, []],
    [
      "one pod leaves nothing to go to",
      { service: httpbin },
      { inventory: historyInventory({ waypoint: "default" }) },
      ["warning nothing-to-eject-to maxEjectedPercent"],
    ],
    [
      "a share of less than one pod",
      { maxEjectedPercent: 49 },
      {},
      ["warning percent-does-nothing maxEjectedPercent", nearFirst],
    ],
    [
      "fewer requests at once than there were",
      { maxRequests: 5 },
      { traffic: seen([{ from: web, to: history, requestsPerSecond: 20 }], {}, 500) },
      ["warning limit-below-traffic maxRequests", nearFirst],
    ],
    [
      "no time at all",
      { interval: "0s", slowStart: "0s" },
      {},
      ["error out-of-range interval", "error out-of-range slowStart", nearFirst],
    ],
    [
      "somebody else's rule for the same host stands first",
      {},
      withRules(rule("purchase-history", "by-hand", "purchase-history")),
      [nearFirst, "error destination-rule-ignored"],
    ],
    [
      "somebody else's rule in a namespace of callers does nothing",
      {},
      withRules(rule("web-api", "history", "purchase-history.purchase-history.svc.cluster.local")),
      [nearFirst, "info destination-rule-ignored"],
    ],
    [
      "a rule of the whole mesh gives way",
      {},
      withRules(rule("istio-system", "all", "*.svc.cluster.local")),
      [nearFirst, "warning destination-rule-ignored"],
    ],
    [
      "a rule for another host has nothing to do with it",
      {},
      withRules(rule("purchase-history", "x", "other")),
      [nearFirst],
    ],
  ])("%s", (_what, values, situation, expected) => {
    expect(codesOf(fillHistory("circuit-breaker", values, situation))).toEqual(expected);
  });

  test("a route of somebody else that sends to other hosts is not covered", () => {
    const route = {
      metadata: { namespace: "purchase-history", name: "split" },
      spec: {
        parentRefs: [{ group: "", kind: "Service", name: "purchase-history" }],
        rules: [
          {
            backendRefs: [
              { name: "history-blue", port: 8080 },
              { name: "history-green", port: 8080, weight: 0 },
            ],
          },
        ],
      },
    };
    const inventory = historyInventory({ routing: { routes: [route] as never } });
    const { findings } = fillHistory("circuit-breaker", {}, { inventory });
    const found = findings.find(({ code }) => code === "destination-rule-ignored");
    expect(found).toMatchObject({ level: "warning", place: "HTTPRoute purchase-history/split" });
    expect(found?.message).toContain("history-blue:");
    expect(found?.message).not.toContain("green");
  });

  test("says in the form what the limits mean", () => {
    const { sentence } = fillHistory("circuit-breaker", { maxConnections: 1, maxPending: 10 });
    expect(sentence).toContain("at most 1 connection and 10 waiting requests; what is more gets 503");
  });
});
