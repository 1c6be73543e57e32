/** What previews tell of what others wrote around a change. */
import { describe, expect, test } from "vitest";
import { type PathFormValues, pathForms } from "@/server/contracts/golden-paths/forms.ts";
import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import { type Around, contextOf } from "@/server/golden-paths/access/filled-in.suite.ts";
import { propose } from "./proposal.ts";
import { standingFindings } from "./standing-findings.ts";

type Routing = NonNullable<NonNullable<Around["sample"]>["routing"]>;

const toService = (name: string) => ({ group: "", kind: "Service", name });
const httpRoute = (namespace: string, service: string, port: number, more: object = {}) => ({
  metadata: { name: "by-hand", namespace },
  spec: {
    parentRefs: [toService(service)],
    rules: [{ matches: [{ path: { type: "PathPrefix", value: "/a" } }], backendRefs: [{ name: service, port }] }],
  },
  ...more,
});
const withRouting = (routing: object): Around => ({ sample: { routing: routing as Routing } });
/** Inert: the namespace default has no waypoint. */
const inert = withRouting({ routes: [httpRoute("default", "httpbin", 8000)] });

const told = (slug: PathSlug, values: object, around: Around): string[] => {
  const context = contextOf(around);
  const form = pathForms[slug].parse(values) as PathFormValues[typeof slug];
  const proposal = propose(slug, form as never, context, () => undefined);
  return standingFindings(proposal, context.inventory, "embedded").map(({ code, place }) => `${code} @ ${place}`);
};
const lock = (namespaces: readonly string[]) =>
  namespaces.length === 0
    ? { scope: "mesh", namespaces: [], locked: true, keepGatewaysOpen: true }
    : { scope: "namespaces", namespaces, locked: true, keepGatewaysOpen: true };
const withoutDefault = "route-without-default @ HTTPRoute default/by-hand";

describe("a waypoint wakes what nobody read", () => {
  test("a route without a rule for every request is told before the waypoint comes", () => {
    expect(told("give-a-waypoint", { namespaces: ["default"] }, inert)).toEqual([withoutDefault]);
  });

  test("also where the waypoint comes along with a rule of another service", () => {
    expect(told("retries", { service: { namespace: "default", name: "sleep" } }, inert)).toEqual([withoutDefault]);
    // Nothing wakes where the rule needs none.
    expect(told("prefer-the-zone", { service: { namespace: "default", name: "sleep" } }, inert)).toEqual([]);
  });

  test("a VirtualService and a DestinationRule that could not act until then", () => {
    const around = withRouting({
      routes: [httpRoute("default", "httpbin", 8000)],
      virtualServices: [{ metadata: { name: "virtual", namespace: "default" }, spec: { hosts: ["httpbin"] } }],
      destinationRules: [{ metadata: { name: "rule", namespace: "default" }, spec: { host: "nope" } }],
    });
    expect(told("give-a-waypoint", { namespaces: ["default"] }, around)).toEqual([
      "host-unknown @ DestinationRule default/rule",
      withoutDefault,
      "route-conflict @ VirtualService default/virtual",
    ]);
  });

  test("what statuses said of the time without it is not told as what comes", () => {
    const message =
      "istio.io/use-waypoint label missing from parent and parent namespace; in ambient mode, route will not be respected";
    const status = {
      parents: [{ conditions: [{ type: "ResolvedWaypoints", status: "True", reason: "ResolvedWaypoints", message }] }],
    };
    const around = withRouting({ routes: [httpRoute("default", "httpbin", 8000, { status })] });
    expect(told("give-a-waypoint", { namespaces: ["default"] }, around)).toEqual([withoutDefault]);
    expect(told("lock-down", lock(["default"]), around)).toContain(
      "condition-means-nothing @ HTTPRoute default/by-hand",
    );
  });
});

describe("paths about namespaces and about the mesh", () => {
  const elsewhere = withRouting({
    routes: [httpRoute("default", "httpbin", 8000), httpRoute("web-api", "web-api", 8080)],
  });
  const ofWebApi = [
    "route-without-default @ HTTPRoute web-api/by-hand",
    "waypoint-missing @ HTTPRoute web-api/by-hand",
  ];

  test.each<[PathSlug, object]>([
    ["lock-down", lock(["web-api"])],
    ["require-mtls", { scope: "namespaces", namespaces: ["web-api"], required: true }],
    ["join-the-mesh", { namespaces: ["web-api"], enrolled: true }],
    [
      "allow-a-destination",
      {
        namespace: "web-api",
        host: "api.example.com",
        ports: [{ port: 443, protocol: "TLS" }],
        callers: [{ kind: "identity", namespace: "web-api", serviceAccount: "web-api" }],
      },
    ],
  ])("%s tells what stands in its namespaces, and nowhere else", (slug, values) => {
    expect(told(slug, values, elsewhere)).toEqual(ofWebApi);
  });

  test("for the whole mesh, everything", () => {
    const all = told("lock-down", lock([]), elsewhere);
    expect(all).toEqual(expect.arrayContaining([...ofWebApi, withoutDefault]));
  });

  test("so many and no more, and how many are left out", () => {
    const routes = Array.from({ length: 45 }, (_, index) => ({
      ...httpRoute("default", "httpbin", 8000),
      metadata: { name: `by-hand-${index}`, namespace: "default" },
    }));
    const all = told("give-a-waypoint", { namespaces: ["default"] }, withRouting({ routes }));
    expect(all).toHaveLength(41);
    expect(all.at(-1)).toBe("more-found @ ");
  });
});
