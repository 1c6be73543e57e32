/** Which version a request gets, by the resources that a release is written as. */
import { describe, expect, test } from "vitest";
import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import { type Intent, intentSet } from "@/server/golden-paths/intent.ts";
import { render } from "@/server/golden-paths/render.ts";
import { history, historyInventory, intentFor } from "@/server/golden-paths/service-routes/sample-service.suite.ts";
import type { RoutedRequest } from "./conditions.ts";
import { isRouted, routeToService } from "./route-taken.ts";

const base = historyInventory();
const release = intentFor("release-a-version", {
  stable: "v1",
  canary: "v2",
  weight: 10,
  sticky: {},
  round: 2,
  match: [
    { by: "header", name: "x-canary", value: "true" },
    { by: "caller", namespace: "web-api", serviceAccount: "web-api" },
  ],
});
const fault = intentFor("test-with-faults", { abort: { percent: 1, status: 503 } });

function taken(intents: readonly Intent[], headers: Readonly<Record<string, string>> | null) {
  const objects = [...render(intentSet(intents), base).values()] as unknown as KubeObject[];
  const of = (kind: string) => objects.filter((one) => one.kind === kind) as never;
  const inventory = {
    ...base,
    objects: { ...base.objects, routes: of("HTTPRoute"), virtualServices: of("VirtualService") },
  };
  const request: RoutedRequest = {
    method: "GET",
    path: "/",
    query: "",
    authority: "purchase-history.purchase-history:8080",
    port: 8080,
    sourceNamespace: "web-api",
    header: (name) => (headers === null ? null : headers[name]),
  };
  return routeToService(history, request, inventory);
}

describe.each<[string, Intent[]]>([
  ["HTTPRoute", [release]],
  ["VirtualService", [release, fault]],
])("a release as %s", (kind, intents) => {
  test.each([
    ["a header", { "x-canary": "true" }, "canary"],
    ["another value of it", { "x-canary": "false" }, "all"],
    ["the cookie of the new version", { cookie: "a=b; towpath-version=v2" }, "canary"],
    ["the cookie of the stable one", { cookie: "towpath-version=v1.2; c=d" }, "kept"],
    ["a cookie from before shares moved", { cookie: "towpath-version=v1.1" }, "all"],
    [
      "a caller",
      { "x-forwarded-client-cert": "By=spiffe://a/ns/b/sa/c;URI=spiffe://cluster.local/ns/web-api/sa/web-api" },
      "canary",
    ],
    ["another caller", { "x-forwarded-client-cert": "By=x;URI=spiffe://cluster.local/ns/web-api/sa/web" }, "all"],
    ["nothing", {}, "all"],
  ])("is read for %s", (_what, headers, name) => {
    expect(taken(intents, headers)).toMatchObject({ kind: "rule", taken: { kind, rule: { name } } });
  });

  test("takes calls of which only method and path were seen, whichever rule it is", () => {
    const route = taken(intents, null);
    expect(route).toEqual({ kind: "unclear", routed: true });
    expect(isRouted(route)).toBe("yes");
  });
});
