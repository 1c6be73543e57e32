import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HTTPRoute } from "@/mesh-runtime/api/httproute.ts";
import { rolloutSpec } from "@/server/contracts/rollout-spec.ts";
import type { TrafficInsight } from "@/server/golden-paths/insight.ts";
import { noTraffic } from "@/server/golden-paths/insight.ts";
import { sampleInventory } from "@/server/inventory/sample.suite.ts";
import { linesTo } from "./reach.ts";
import { waysTo } from "./ways.ts";

const service = { namespace: "purchase-history", name: "purchase-history" };
const gatewayUrl = "http://127.0.0.1:8080";
const route = {
  apiVersion: "gateway.networking.k8s.io/v1" as const,
  kind: "HTTPRoute" as const,
  metadata: { name: "ingress", namespace: "web-api" },
  spec: {
    parentRefs: [{ name: "ingress", namespace: "istio-ingress" }],
    hostnames: ["istioinaction.io", "*.example.com"],
    rules: [{ backendRefs: [{ name: "web-api", port: 8080 }] }],
  },
} satisfies HTTPRoute;
const inventory = sampleInventory({
  enrolled: ["web-api", "recommendation", "purchase-history", "default"],
  routing: { routes: [route] },
});
const call = (from: string, to: string, requests = 100): TrafficInsight["calls"][number] => {
  const ref = (id: string) => ({ namespace: id.split("/")[0] ?? "", name: id.split("/")[1] ?? "" });
  return { from: ref(from), to: ref(to), requests, requestsPerSecond: 1, p99Ms: 1 };
};
const seen = (...calls: TrafficInsight["calls"]): TrafficInsight => ({ ...noTraffic, calls });
const chain = seen(
  call("web-api/web-api", "recommendation/recommendation"),
  call("recommendation/recommendation", "purchase-history/purchase-history"),
);
const spec = (more: object = {}) =>
  rolloutSpec.parse({
    ...{ service, kind: "header-canary", stable: "v1", canary: "v2", steps: [{ weight: 0 }] },
    match: [{ by: "header", name: "x-canary", value: "true" }],
    ...more,
  });

describe("the way from outside", () => {
  test("goes from the gateway's route along the calls that were seen", () => {
    expect(waysTo(service, inventory, chain)).toEqual([
      {
        host: "istioinaction.io",
        path: "/",
        services: ["web-api", "recommendation", "purchase-history"].map((name) => ({ namespace: name, name })),
      },
    ]);
  });

  test("is the shortest, and calls in a circle do not matter", () => {
    const both = seen(
      ...chain.calls,
      call("recommendation/recommendation", "web-api/web-api"),
      call("web-api/web-api", "purchase-history/purchase-history", 1),
    );
    expect(waysTo(service, inventory, both)[0]?.services.map(({ name }) => name)).toEqual([
      "web-api",
      "purchase-history",
    ]);
  });

  test("takes a path that answered without errors", () => {
    const paths: TrafficInsight["paths"] = () => [
      { method: "GET", path: "/users/{id}", requests: 9, errors: 0, p99Ms: 1 },
      { method: "POST", path: "/buy", requests: 8, errors: 0, p99Ms: 1 },
      { method: "GET", path: "/shop", requests: 7, errors: 0, p99Ms: 1 },
    ];
    expect(waysTo(service, inventory, { ...chain, paths })[0]?.path).toBe("/shop");
  });

  test("is none where nothing was seen of it", () => {
    expect(waysTo(service, inventory, noTraffic)).toEqual([]);
  });
});

describe("commands", () => {
  test("lead through the gateway, and from inside as whoever calls it", () => {
    expect(linesTo(spec(), inventory, chain, gatewayUrl).map(({ title, command }) => [title, command])).toEqual([
      [
        "From outside, through web-api and recommendation",
        "curl -sS -i -H 'Host: istioinaction.io' -H 'x-canary: true' http://127.0.0.1:8080/",
      ],
      [
        "From inside, as recommendation",
        "kubectl exec -n recommendation deploy/recommendation -- curl -sS -i -H 'x-canary: true' http://purchase-history.purchase-history:8080/",
      ],
    ]);
  });

  test("open try it with the same request", () => {
    const [line] = linesTo(spec(), inventory, chain, gatewayUrl);
    expect(JSON.parse(new URL(line?.tryHref ?? "", gatewayUrl).searchParams.get("request") ?? "")).toEqual({
      source: { kind: "outside" },
      url: "http://istioinaction.io/",
      headers: [{ name: "x-canary", value: "true" }],
    });
  });

  test.each([
    [
      "a cookie",
      { match: [{ by: "cookie", name: "version", value: "v2" }] },
      "-H 'cookie: version=v2' http://127.0.0.1:8080/",
    ],
    [
      "an identity",
      { match: [{ by: "caller", namespace: "default", serviceAccount: "sleep" }] },
      "kubectl exec -n default deploy/sleep -- curl -sS -i http://purchase-history.purchase-history:8080/",
    ],
    [
      "a host of its own",
      { match: [], preview: { gateway: { namespace: "istio-ingress", name: "ingress" }, host: "v2.example.com" } },
      "-H 'Host: v2.example.com' http://127.0.0.1:8080/",
    ],
  ])("lead there by %s", (_what, more, expected) => {
    expect(linesTo(spec(more), inventory, chain, gatewayUrl)[0]?.command).toContain(expected);
  });

  test("are none where nothing leads there", () => {
    expect(linesTo(spec({ match: [] }), inventory, chain, gatewayUrl)).toEqual([]);
  });

  test("name no gateway where there is none", () => {
    expect(linesTo(spec(), inventory, chain, "").map(({ title }) => title)).toEqual(["From inside, as recommendation"]);
  });

  test("hand any value to the program as it is, whatever a shell makes of it", () => {
    const value = fc
      .string({ unit: fc.constantFrom(..."aZ0'\"\\`$(){};&|<>*?!#~ %^=[]"), minLength: 1, maxLength: 12 })
      .filter((text) => text.trim() === text);
    fc.assert(
      fc.property(value, (text) => {
        const match = [{ by: "header", name: "x-canary", value: text }];
        const [line] = linesTo(spec({ match }), inventory, chain, gatewayUrl);
        const script = (line?.command ?? "").replace(/^curl /, "printf '%s\\0' ");
        const words = execFileSync("/bin/sh", ["-c", script]).toString().split("\0");
        expect(words).toContain(`x-canary: ${text}`);
      }),
      { numRuns: 60 },
    );
  });
});
