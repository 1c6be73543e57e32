/** Changes of the way that calls take: waypoints, tokens, routes, membership. */
import { describe, expect, test } from "vitest";
import type { Impact } from "@/server/contracts/golden-paths.ts";
import type { Rendered } from "@/server/golden-paths/resource.ts";
import { type SampleOptions, sampleInventory } from "@/server/inventory/sample.suite.ts";
import { labels } from "@/server/telemetry/sample.suite.ts";
import { assessImpact } from "./impact.ts";
import { inventoryAfter } from "./objects-after.ts";
import type { SeenShape } from "./request-kinds.ts";
import { type SeenCounts, ShapeColumns } from "./shape-columns.ts";

const object = (kind: string, namespace: string, name: string, spec: object, more: object = {}): Rendered =>
  ({ apiVersion: "v1", kind, metadata: { namespace, name, ...more }, spec }) as Rendered;
const policy = (name: string, spec: object): Rendered => object("AuthorizationPolicy", "default", name, spec);
const targetRefs = [{ group: "", kind: "Service", name: "httpbin" }];
const ambient = { "istio.io/dataplane-mode": "ambient" };

/** As an agent saw it, which knows the pod's port. */
const seen = (method: string, path: string, count: number, more: Partial<SeenShape> = {}): [SeenShape, SeenCounts] => [
  { labels: labels("default/sleep", "default/httpbin"), destinationPort: 8000, method, path, ...more },
  { count, lastUnixMs: 1 },
];
const traffic = [seen("GET", "/headers", 40), seen("POST", "/headers", 3)];

function assess(
  written: readonly Rendered[],
  options: { sample?: SampleOptions; removed?: readonly Rendered[]; shapes?: typeof traffic; share?: number } = {},
): Impact {
  const before = sampleInventory({ enrolled: ["default"], ...options.sample });
  const shapes = new ShapeColumns();
  for (const [shape, counts] of options.shapes ?? traffic) {
    shapes.add(shape, counts);
  }
  const step = (one: Rendered, gone: boolean) => ({
    ref: { kind: one.kind, namespace: one.metadata.namespace ?? "", name: one.metadata.name },
    before: gone ? one : undefined,
    after: gone ? undefined : one,
  });
  return assessImpact({
    shapes,
    before,
    after: inventoryAfter(before, [
      ...written.map((one) => step(one, false)),
      ...(options.removed ?? []).map((one) => step(one, true)),
    ]),
    trustDomain: "cluster.local",
    windowSeconds: 3_600,
    observedSinceUnixMs: 1,
    concerns: () => true,
    ...(options.share === undefined ? {} : { headerShare: () => options.share }),
  });
}
const told = ({ rows }: Impact): string[] =>
  rows.map(({ method, path, before, after }) => `${method} ${path} ${before} ${after}`.trim()).sort();

const gateway = object("Gateway", "default", "waypoint", { gatewayClassName: "istio-waypoint", listeners: [] });
const namespace = (labelled: object): Rendered =>
  ({ apiVersion: "v1", kind: "Namespace", metadata: { name: "default", labels: labelled } }) as Rendered;
const useWaypoint = namespace({ ...ambient, "istio.io/use-waypoint": "waypoint" });
const onlyGet = policy("httpbin-waypoint-callers", {
  targetRefs,
  action: "ALLOW",
  rules: [{ from: [{ source: { serviceAccounts: ["default/sleep"] } }], to: [{ operation: { methods: ["GET"] } }] }],
});
const guard = policy("httpbin-only-waypoint", {
  selector: { matchLabels: { app: "httpbin" } },
  action: "ALLOW",
  rules: [{ from: [{ source: { serviceAccounts: ["default/waypoint"] } }] }],
});

describe("a waypoint that comes with the change", () => {
  test("judges requests that only agents saw so far, guard and binding included", () => {
    expect(told(assess([gateway, useWaypoint, onlyGet, guard]))).toEqual([
      "GET /headers allowed allowed",
      "POST /headers allowed denied",
    ]);
  });

  test("is not in the way without its label: the guard cuts everybody off", () => {
    expect(assess([gateway, onlyGet, guard]).becomeDenied.count).toBe(43);
  });

  test("cannot say what it would do to connections of which no request was seen", () => {
    const result = assess([gateway, useWaypoint, onlyGet, guard], { shapes: [seen("", "", 5)] });
    expect(result.rows).toMatchObject([{ before: "allowed", after: "unknown", unit: "connections" }]);
    expect(result.rows[0]?.reason).toContain("only connections");
  });

  test("that goes leaves the guard, which then refuses everybody", () => {
    const sample = { waypoint: "default", authorizationPolicies: [onlyGet, guard] as never };
    const before = assess([], { sample });
    expect(told(before)).toEqual(["GET /headers allowed allowed", "POST /headers denied denied"]);
  });
});

describe("membership", () => {
  test("a namespace that was in the mesh by hand stays in it when a change labels it for another reason", () => {
    const after = inventoryAfter(sampleInventory({ enrolled: ["default"] }), [
      {
        ref: { kind: "Namespace", namespace: "", name: "default" },
        before: undefined,
        after: namespace({ "istio.io/use-waypoint": "none" }),
      },
    ]);
    expect(after.pods.find(({ workload }) => workload === "httpbin")?.captured).toBe(true);
  });

  test("leaving takes the identity away", () => {
    const deny = policy("httpbin-callers", {
      selector: { matchLabels: { app: "httpbin" } },
      action: "ALLOW",
      rules: [{ from: [{ source: { serviceAccounts: ["default/sleep"] } }] }],
    });
    expect(told(assess([deny]))).toEqual(["allowed allowed"]);
    const webApi = [seen("GET", "/", 1, { labels: labels("web-api/web-api", "default/httpbin") })];
    expect(told(assess([deny], { shapes: webApi }))).toEqual(["allowed denied"]);
  });
});

describe("tokens", () => {
  const verify = object("RequestAuthentication", "default", "httpbin-sign-in", {
    targetRefs,
    jwtRules: [{ issuer: "https://issuer.example", jwks: "{}" }],
  });
  const sample = { waypoint: "default" };

  test("a new issuer leaves unknown what a token would do", () => {
    expect(told(assess([verify], { sample }))).toEqual([
      "GET /headers allowed unknown",
      "POST /headers allowed unknown",
    ]);
  });

  test("and nothing where no request carried one", () => {
    expect(assess([verify], { sample, share: 0 }).unchanged.count).toBe(43);
  });

  test("what a header decides is unknown, with the share of requests that carry it", () => {
    const asks = policy("httpbin-waypoint-callers", {
      targetRefs,
      rules: [{ when: [{ key: "request.headers[x-test-me]", values: ["*"] }] }],
    });
    const [row] = assess([asks], { sample, share: 0.25 }).rows;
    expect(row).toMatchObject({
      after: "unknown",
      reason: "depends on the header x-test-me, which 25 % of its requests carry",
    });
  });
});

test("one request between the same two is one row, whatever else the reports say", () => {
  const edge = (canonical: string): Partial<SeenShape> => ({
    labels: labels("default/sleep", "default/httpbin", { reporter: "waypoint", source_canonical_service: canonical }),
  });
  const shapes = ["sleep", "sleep-v2"].map((canonical) => seen("GET", "/headers", 20, edge(canonical)));
  const { rows, unchanged } = assess([], { sample: { waypoint: "default" }, shapes });
  expect(rows.map(({ method, path, count }) => `${method} ${path} ${count}`)).toEqual(["GET /headers 40"]);
  expect(unchanged).toEqual({ count: 40, callers: 1 });
});

describe("routes", () => {
  const sample = { waypoint: "default" };
  const route = (path: string): Rendered =>
    object("HTTPRoute", "default", "httpbin", {
      parentRefs: [{ group: "", kind: "Service", name: "httpbin", port: 8000 }],
      rules: [
        { matches: [{ path: { type: "PathPrefix", value: path } }], backendRefs: [{ name: "httpbin", port: 8000 }] },
      ],
    });

  test("a route without a rule for a path takes its requests away", () => {
    const result = assess([route("/ip")], { sample });
    expect(told(result)).toEqual(["GET /headers allowed denied", "POST /headers allowed denied"]);
    expect(result.rows[0]?.reason).toContain("no longer routed");
  });

  test("one with a rule for it does not", () => {
    expect(assess([route("/")], { sample }).unchanged.count).toBe(43);
  });

  test("taking a gateway's route away cuts off who came through it", () => {
    const outside = [
      seen("GET", "/", 9, {
        labels: labels(undefined, "istio-ingress/ingress-istio", { reporter: "destination" }),
        destinationPort: 8080,
      }),
    ];
    const gone = object("HTTPRoute", "istio-ingress", "web-api", {});
    expect(told(assess([], { shapes: outside }))).toEqual(["GET / allowed allowed"]);
    expect(assess([], { shapes: outside, removed: [gone] }).rows[0]).toMatchObject({ after: "denied" });
  });
});

describe("paths of which only the form was kept", () => {
  const sample = { waypoint: "default" };
  const users = [seen("GET", "/users/{id}", 8), seen("GET", "/users/{id}/orders", 2)];
  const denied = (path: string): string[] =>
    told(
      assess(
        [
          policy("httpbin-waypoint-blocked", {
            targetRefs,
            action: "DENY",
            rules: [{ to: [{ operation: { paths: [path] } }] }],
          }),
        ],
        {
          sample,
          shapes: users,
        },
      ),
    );

  test.each([
    ["/users/42", ["GET /users/{id} allowed unknown", "GET /users/{id}/orders allowed allowed"]],
    ["/users/*", ["GET /users/{id} allowed denied", "GET /users/{id}/orders allowed denied"]],
    ["/users/4*", ["GET /users/{id} allowed unknown", "GET /users/{id}/orders allowed unknown"]],
    ["*/orders", ["GET /users/{id} allowed allowed", "GET /users/{id}/orders allowed denied"]],
    ["/users/{*}", ["GET /users/{id} allowed denied", "GET /users/{id}/orders allowed allowed"]],
    ["/users/{*}/orders", ["GET /users/{id} allowed allowed", "GET /users/{id}/orders allowed denied"]],
    ["/others/42", ["GET /users/{id} allowed allowed", "GET /users/{id}/orders allowed allowed"]],
  ])("a rule for %s", (path, rows) => {
    expect(denied(path)).toEqual(rows);
  });
});
