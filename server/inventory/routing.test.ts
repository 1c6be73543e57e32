import { describe, expect, test } from "vitest";
import { appliedRouting } from "@/server/services/applied-routing.ts";
import { findService } from "./model.ts";
import type { RoutingObjects } from "./routing.ts";
import { sampleInventory } from "./sample.suite.ts";

const meta = (name: string, namespace = "default") => ({ name, namespace });
const told = (...conditions: readonly [string, string, string?, string?][]) => ({
  conditions: conditions.map(([type, status, reason = "", message = ""]) => ({ type, status, reason, message })),
});

/** What acts on httpbin, behind a waypoint, when these objects are there. */
function acting(routing: object, service = { namespace: "default", name: "httpbin" }) {
  const inventory = sampleInventory({
    enrolled: ["default"],
    waypoint: "default",
    routing: routing as Partial<RoutingObjects>,
  });
  const found = findService(inventory, service);
  return found === undefined ? [] : appliedRouting(found, inventory);
}
const sentences = (routing: object) => acting(routing).map(({ sentence }) => sentence);

describe("what acts on a service", () => {
  const route = (spec: object) => ({ routes: [{ metadata: meta("r"), spec }] });

  test.each([
    ["a route of the service", route({ parentRefs: [{ group: "", kind: "Service", name: "httpbin" }] }), "about"],
    ["a route of another service", route({ parentRefs: [{ group: "", kind: "Service", name: "sleep" }] }), undefined],
    [
      "a route that sends to it",
      route({ parentRefs: [{ name: "gate" }], rules: [{ backendRefs: [{ name: "httpbin", port: 8000 }] }] }),
      "leads-here",
    ],
    ["a limit of its waypoint", limit({ kind: "Gateway", name: "waypoint" }), "about"],
    ["a limit of another gateway", limit({ kind: "Gateway", name: "other" }), undefined],
    ["a short host", rule("httpbin"), "about"],
    ["a whole host", rule("httpbin.default.svc.cluster.local"), "about"],
    ["a host that begins alike", rule("httpbin-2"), undefined],
    ["a host of another namespace", rule("httpbin.other.svc.cluster.local"), undefined],
    ["any host of the namespace", rule("*.default.svc.cluster.local"), "about"],
    ["any host of another namespace", rule("*.other.svc.cluster.local"), undefined],
    ["tokens for the pods", tokens({ selector: { matchLabels: { app: "httpbin" } } }), "about"],
    ["tokens for other pods", tokens({ selector: { matchLabels: { app: "sleep" } } }), undefined],
    ["tokens for the namespace", tokens({}), "about"],
    ["tokens for the service", tokens({ targetRefs: [{ kind: "Service", group: "", name: "httpbin" }] }), "about"],
  ])("%s", (_, objects, role) => {
    expect(acting(objects)[0]?.role).toBe(role);
  });

  function limit(target: object) {
    return {
      rateLimitPolicies: [{ metadata: meta("l"), spec: { targetRefs: [target], limits: [] } }],
    };
  }
  function rule(host: string) {
    return { destinationRules: [{ metadata: meta("d"), spec: { host } }] };
  }
  function tokens(spec: object) {
    return { requestAuthentications: [{ metadata: meta("t"), spec }] };
  }
});

describe("in words", () => {
  test("an HTTPRoute tells split, retries and time", () => {
    expect(
      sentences({
        routes: [
          {
            metadata: meta("r"),
            spec: {
              parentRefs: [{ group: "", kind: "Service", name: "httpbin" }],
              rules: [
                {
                  matches: [{ headers: [{ name: "x-canary", value: "true" }] }],
                  backendRefs: [{ name: "httpbin-v2", port: 8000 }],
                },
                {
                  backendRefs: [
                    { name: "httpbin-v1", port: 8000, weight: 90 },
                    { name: "httpbin-v2", port: 8000, weight: 10 },
                  ],
                  retry: { attempts: 3 },
                  timeouts: { request: "1s" },
                },
              ],
            },
          },
        ],
      }),
    ).toEqual([
      "2 rules; x-canary: true: to httpbin-v2; 90 % to httpbin-v1 and 10 % to httpbin-v2; tries up to 3 more times; gives up after 1s.",
    ]);
  });

  test("a DestinationRule tells subsets, outliers and limits", () => {
    const spec = {
      host: "httpbin",
      subsets: [{ name: "v1" }, { name: "v2" }],
      trafficPolicy: {
        outlierDetection: { baseEjectionTime: "10s" },
        connectionPool: { http: { http1MaxPendingRequests: 5 } },
      },
    };
    expect(sentences({ destinationRules: [{ metadata: meta("d"), spec }] })).toEqual([
      "Names v1, v2; leaves out pods that fail, for 10s and longer each time; at most 5 waiting requests.",
    ]);
  });

  test("a limit tells how many, in which time, for whom", () => {
    const spec = {
      targetRefs: [{ kind: "Service", name: "httpbin" }],
      limits: [{ requests: 1000, interval: "10s", per: "Identity" }],
    };
    expect(sentences({ rateLimitPolicies: [{ metadata: meta("l"), spec }] })).toEqual([
      "At most 1,000 in 10s for each caller.",
    ]);
  });

  test("a VirtualService tells faults, retries and subsets", () => {
    const spec = {
      hosts: ["httpbin"],
      http: [
        {
          route: [
            { destination: { host: "httpbin", subset: "v1" }, weight: 75 },
            { destination: { host: "httpbin", subset: "v2" }, weight: 25 },
          ],
          fault: { abort: { httpStatus: 500 } },
          retries: { attempts: 2 },
        },
      ],
    };
    expect(sentences({ virtualServices: [{ metadata: meta("v"), spec }] })).toEqual([
      "75 % to httpbin v1 and 25 % to httpbin v2; tries up to 2 more times; injects faults.",
    ]);
  });
});

describe("whether it acts as written", () => {
  const withStatus = (status: object) =>
    acting({ destinationRules: [{ metadata: meta("d"), spec: { host: "httpbin" }, status }] })[0];

  test.each([
    ["nothing said", {}, "unknown"],
    ["effective", told(["towpath.dev/Effective", "True"]), "in-force"],
    ["no waypoint", told(["towpath.dev/Effective", "False", "NoWaypoint", "label it"]), "not-in-force"],
    ["not everywhere yet", told(["towpath.dev/Enforced", "False", "WaitingForProxies"]), "pending"],
    ["rejected by a proxy", told(["towpath.dev/Enforced", "False", "Rejected"]), "not-in-force"],
    ["partly invalid", told(["Accepted", "True"], ["PartiallyInvalid", "True"]), "not-in-force"],
  ])("%s", (_, status, state) => {
    expect(withStatus(status)?.state).toBe(state);
  });

  test("what is wrong is told with its reason and the next step", () => {
    expect(withStatus(told(["towpath.dev/Effective", "False", "NoWaypoint", "label it"]))?.notes).toEqual([
      { type: "towpath.dev/Effective", good: false, reason: "NoWaypoint", message: "label it" },
    ]);
  });

  test("conditions of a route's parents count too, with the parent's name", () => {
    const route = {
      metadata: meta("r"),
      spec: { parentRefs: [{ group: "", kind: "Service", name: "httpbin" }] },
      status: {
        parents: [
          {
            parentRef: { name: "httpbin" },
            conditions: [{ type: "ResolvedRefs", status: "False", reason: "BackendNotFound", message: "no such" }],
          },
        ],
      },
    };
    expect(acting({ routes: [route] })[0]).toMatchObject({
      state: "not-in-force",
      notes: [{ reason: "BackendNotFound", message: "httpbin: no such" }],
    });
  });
});
