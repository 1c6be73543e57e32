import { describe, expect, test } from "vitest";
import type { Inventory } from "@/server/inventory/model.ts";
import {
  codesOf,
  fillHistory,
  history,
  historyInventory,
  type Situation,
  seen,
} from "../service-routes/sample-service.suite.ts";

const web = { namespace: "web-api", name: "web-api" };
const recommendation = { namespace: "recommendation", name: "recommendation" };
const calls = [
  { from: web, to: history, requestsPerSecond: 20 },
  { from: recommendation, to: history, requestsPerSecond: 2 },
];
const onKubernetes = (): Inventory => {
  const inventory = historyInventory();
  return { ...inventory, nodes: inventory.nodes.map((node) => ({ ...node, version: "v1.33.2" })) };
};
const limit = (entry: Record<string, unknown>) => ({ limits: [{ requests: 10, ...entry }] });
const only = (more: Record<string, unknown>) => ({ methods: [], paths: [], headers: [], ...more });

describe("rate limit", () => {
  test.each<[string, Record<string, unknown>, Situation, string[]]>([
    ["nobody goes over it", limit({ requests: 30 }), { traffic: seen(calls) }, []],
    [
      "a caller goes over it",
      limit({ per: "caller" }),
      { traffic: seen(calls) },
      ["warning limit-below-traffic limits.0.requests"],
    ],
    [
      "that caller has a number of its own",
      limit({ overrides: [{ value: "web-api/web-api", requests: 50 }] }),
      { traffic: seen(calls) },
      [],
    ],
    [
      "all together go over it",
      limit({ requests: 21, per: "total" }),
      { traffic: seen(calls) },
      ["warning limit-below-traffic limits.0.requests"],
    ],
    ["all together are within it", limit({ requests: 22, per: "total" }), { traffic: seen(calls) }, []],
    [
      "only what counts is counted",
      limit({ requests: 2, per: "total", only: only({ methods: ["GET"], paths: ["/items/*"] }) }),
      { traffic: seen(calls, { "GET /items/1": { requests: 3_600 }, "GET /": { requests: 36_000 } }) },
      [],
    ],
    [
      "what counts goes over it",
      limit({ requests: 2, per: "total", only: only({ methods: ["GET"], paths: ["/items/*"] }) }),
      { traffic: seen(calls, { "GET /items/1": { requests: 9_000 }, "PUT /items/1": { requests: 36_000 } }) },
      ["warning limit-below-traffic limits.0.requests"],
    ],
    [
      "nothing is known of values of headers",
      limit({ requests: 1, per: "header", header: "x-tenant" }),
      { traffic: seen(calls) },
      [],
    ],
    [
      "exceptions from a total",
      limit({ per: "total", overrides: [{ value: "web-api/web-api", requests: 1 }] }),
      {},
      ["error rule-without-effect limits.0.overrides.0.value"],
    ],
    [
      "an exception for nobody",
      limit({ overrides: [{ value: "web-api", requests: 1 }] }),
      {},
      ["error value-never-matches limits.0.overrides.0.value"],
    ],
    [
      "the same exception twice",
      limit({
        per: "header",
        header: "x-tenant",
        overrides: [
          { value: "gold", requests: 1 },
          { value: "gold", requests: 2 },
        ],
      }),
      {},
      ["error rule-unreachable limits.0.overrides.1.value"],
    ],
    [
      "requests that no limit can tell apart",
      limit({
        only: only({
          methods: ["PURGE"],
          headers: [
            { name: "x-a", match: "absent" },
            { name: "x-b", match: "value", values: ["1"] },
          ],
        }),
      }),
      {},
      ["error not-on-this-target limits.0.only.methods", "error not-on-this-target limits.0.only.headers"],
    ],
    ["longer than a day", limit({ interval: "25h" }), {}, ["error out-of-range limits.0.interval"]],
    ["a cluster that knows no such limits", limit({}), { inventory: onKubernetes() }, ["error not-on-this-target"]],
  ])("%s", (_what, values, situation, expected) => {
    expect(codesOf(fillHistory("rate-limit", values, situation))).toEqual(expected);
  });

  test("the way out is a limit above what was seen", () => {
    const { findings } = fillHistory("rate-limit", limit({ interval: "10s" }), { traffic: seen(calls) });
    expect(findings[0]?.repair?.values).toMatchObject({ limits: [{ requests: 300, interval: "10s" }] });
    expect(findings[0]?.message).toContain("web-api/web-api");
  });

  test("each pod of the waypoint counts for itself", () => {
    const sample = historyInventory();
    const services = sample.services.map((service) =>
      service.kind === "waypoint" ? { ...service, pods: [...service.pods, ...service.pods] } : service,
    );
    const { findings } = fillHistory("rate-limit", limit({}), { inventory: { ...sample, services } });
    expect(findings).toMatchObject([{ code: "side-effects", level: "info", field: "limits" }]);
    expect(findings[0]?.message).toContain("has 2 pods");
  });

  test("another policy on the service is named", () => {
    const policy = {
      metadata: { namespace: "purchase-history", name: "by-hand" },
      spec: { targetRefs: [{ kind: "Service", name: "purchase-history" }], limits: [{ requests: 1, interval: "1s" }] },
    };
    const inventory = historyInventory({ routing: { rateLimitPolicies: [policy] as never } });
    const { findings } = fillHistory("rate-limit", limit({}), { inventory });
    expect(findings).toMatchObject([
      { code: "managed-elsewhere", place: "RateLimitPolicy purchase-history/by-hand", level: "warning" },
    ]);
  });
});
