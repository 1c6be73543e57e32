/** Each silent trap, and its harmless neighbour that must not be found. */
import { describe, expect, test } from "vitest";
import { buildInventory } from "@/server/inventory/build.ts";
import type { ClusterObjects } from "@/server/inventory/cluster-objects.ts";
import { type SampleOptions, sampleInventory } from "@/server/inventory/sample.suite.ts";
import { findingsIn, findingsOf } from "./findings.ts";

type Extra = { readonly [K in keyof ClusterObjects]?: readonly unknown[] };

/** Objects beside those of the sample company, whose default namespace is behind a waypoint. */
function inventoryWith(extra: Extra, sample: SampleOptions = {}) {
  const { objects } = sampleInventory({ enrolled: ["default"], waypoint: "default", ...sample });
  const merged = Object.fromEntries(
    Object.entries(extra).map(([key, list]) => [
      key,
      [...((objects as unknown as Extra)[key as keyof ClusterObjects] ?? []), ...list],
    ]),
  );
  return buildInventory({ ...objects, ...merged } as ClusterObjects);
}
const told = (extra: Extra, target: "embedded" | "kubernetes" = "embedded"): string[] =>
  findingsIn({ inventory: inventoryWith(extra), target }).map(({ code, place }) => `${code} @ ${place}`);

const meta = (name: string, namespace = "default", more: object = {}) => ({ metadata: { name, namespace, ...more } });
const toService = (name: string, more: object = {}) => ({ group: "", kind: "Service", name, ...more });
const toGateway = { name: "ingress", namespace: "istio-ingress" };
const send = (name: string, port: number, more: object = {}) => ({ backendRefs: [{ name, port, ...more }] });
const route = (parentRefs: readonly object[], rules: readonly object[], namespace = "default") => ({
  routes: [{ ...meta("route", namespace), spec: { parentRefs, rules } }],
});
const virtual = (host: string, namespace = "default") => ({
  virtualServices: [{ ...meta("virtual", namespace), spec: { hosts: [host], http: [{}] } }],
});
const destination = (host: string, namespace = "default") => ({
  destinationRules: [{ ...meta("destination", namespace), spec: { host } }],
});
const policy = (spec: object, namespace = "default", more: object = {}) => ({
  authorizationPolicies: [{ ...meta("policy", namespace), spec, ...more }],
});
const selector = { matchLabels: { app: "httpbin" } };
const operation = (to: object) => [{ to: [{ operation: to }] }];
const tokens = (spec: object, namespace = "default") => ({
  requestAuthentications: [{ ...meta("tokens", namespace), spec: { jwtRules: [{ issuer: "https://i" }], ...spec } }],
});
const meshConfig = (mesh: string) => ({ configMaps: [{ ...meta("istio", "istio-system"), data: { mesh } }] });
const guarded = { targetRefs: [toService("httpbin")], rules: [{ from: [{ source: { requestPrincipals: ["*"] } }] }] };
const peer = (spec: object) => ({ peerAuthentications: [{ ...meta("peer"), spec }] });
const condition = (type: string, reason: string, message: string) => ({
  status: { conditions: [{ type, status: "True", reason, message }] },
});
const exposed = {
  routes: [
    {
      ...meta("ingress-httpbin"),
      spec: { hostnames: ["a.example"], parentRefs: [toGateway], rules: [send("httpbin", 8000)] },
    },
  ],
};

const keptClosed = (rules: readonly object[]) =>
  policy({ selector, action: "ALLOW", rules }, "default", {
    metadata: {
      name: "policy",
      namespace: "default",
      labels: { "app.kubernetes.io/managed-by": "towpath" },
      annotations: {
        "towpath.dev/intent": '[{"slug":"keep-closed","service":{"namespace":"default","name":"httpbin"}}]',
      },
    },
  });

describe.each<readonly [trap: string, found: string, trap: Extra, harmless: Extra]>([
  [
    "a service that is kept closed since its last access ended",
    "kept-closed @ AuthorizationPolicy default/policy",
    keptClosed([]),
    keptClosed([{ from: [{ source: { serviceAccounts: ["sleep"] } }] }]),
  ],
  [
    "a route on a port that the parent does not have",
    "route-parent-port @ HTTPRoute default/route",
    route([toService("httpbin", { port: 80 })], [send("httpbin", 8000)]),
    route([toService("httpbin", { port: 8000 })], [send("httpbin", 8000)]),
  ],
  [
    "a route on a gateway that does not exist",
    "reference-dangling @ HTTPRoute default/route",
    route([{ name: "nope", namespace: "istio-ingress" }], [send("sleep", 80)]),
    route([toGateway], [send("sleep", 80)]),
  ],
  [
    "a route without a rule for every request",
    "route-without-default @ HTTPRoute default/route",
    route(
      [toService("httpbin")],
      [{ matches: [{ path: { type: "PathPrefix", value: "/a" } }], ...send("httpbin", 8000) }],
    ),
    route(
      [toService("httpbin")],
      [{ matches: [{ path: { type: "PathPrefix", value: "/" } }], ...send("httpbin", 8000) }],
    ),
  ],
  [
    "a route in the caller's namespace",
    "rule-without-effect @ HTTPRoute web-api/route",
    route(
      [toService("httpbin", { namespace: "default" })],
      [send("httpbin", 8000, { namespace: "default" })],
      "web-api",
    ),
    {},
  ],
  [
    "a route of a service without a waypoint",
    "waypoint-missing @ HTTPRoute web-api/route",
    route([toService("web-api")], [send("web-api", 8080)], "web-api"),
    {},
  ],
  [
    "a backend that does not exist",
    "backend-missing @ HTTPRoute default/route",
    route([toService("httpbin")], [send("nope", 8000)]),
    {},
  ],
  [
    "a backend's port that does not exist",
    "backend-missing @ HTTPRoute default/route",
    route([toService("httpbin")], [send("httpbin", 80)]),
    {},
  ],
  [
    "a VirtualService beside an HTTPRoute",
    "route-conflict @ VirtualService default/virtual",
    { ...virtual("httpbin"), ...route([toService("httpbin")], [send("httpbin", 8000)]) },
    virtual("httpbin.default.svc.cluster.local"),
  ],
  [
    "a VirtualService in another namespace",
    "rule-without-effect @ VirtualService web-api/virtual",
    virtual("httpbin.default", "web-api"),
    {},
  ],
  [
    "a VirtualService without a waypoint",
    "waypoint-missing @ VirtualService web-api/virtual",
    virtual("web-api", "web-api"),
    {},
  ],
  [
    "a VirtualService of a host that nobody serves",
    "host-unknown @ VirtualService default/virtual",
    virtual("nope"),
    {},
  ],
  [
    "a DestinationRule on the parent of a split",
    "destination-rule-ignored @ DestinationRule default/destination",
    { ...destination("httpbin"), ...route([toService("httpbin")], [send("sleep", 80)]) },
    { ...destination("sleep"), ...route([toService("httpbin")], [send("sleep", 80)]) },
  ],
  [
    "a DestinationRule in the caller's namespace",
    "destination-rule-ignored @ DestinationRule web-api/destination",
    destination("httpbin.default.svc.cluster.local", "web-api"),
    destination("httpbin.default.svc.cluster.local"),
  ],
  [
    "a DestinationRule without a waypoint",
    "waypoint-missing @ DestinationRule web-api/destination",
    destination("web-api", "web-api"),
    {},
  ],
  [
    "methods in small letters",
    "value-never-matches @ AuthorizationPolicy default/policy",
    policy({ targetRefs: [toService("httpbin")], rules: operation({ methods: ["get"] }) }),
    policy({ targetRefs: [toService("httpbin")], rules: operation({ methods: ["GET"] }) }),
  ],
  [
    "a path without a slash",
    "value-never-matches @ AuthorizationPolicy default/policy",
    policy({ targetRefs: [toService("httpbin")], rules: operation({ paths: ["headers"] }) }),
    policy({ targetRefs: [toService("httpbin")], rules: operation({ paths: ["/headers", "*/x", "/a/{*}"] }) }),
  ],
  [
    "a principal with its scheme",
    "value-never-matches @ AuthorizationPolicy default/policy",
    policy({ selector, rules: [{ from: [{ source: { principals: ["spiffe://cluster.local/ns/a/sa/b"] } }] }] }),
    policy({ selector, rules: [{ from: [{ source: { principals: ["cluster.local/ns/a/sa/b"] } }] }] }),
  ],
  [
    "a service's port at its pods",
    "port-not-open @ AuthorizationPolicy default/policy",
    policy({ selector: { matchLabels: { app: "sleep" } }, rules: operation({ ports: ["80"] }) }),
    policy({ selector: { matchLabels: { app: "sleep" } }, rules: operation({ ports: ["8080"] }) }),
  ],
  [
    "a refusal by method at pods",
    "policy-ignored @ AuthorizationPolicy default/policy",
    policy({ selector, action: "DENY", rules: operation({ methods: ["POST"] }) }),
    policy({ selector, action: "DENY", rules: operation({ ports: ["8000"] }) }),
  ],
  [
    "a rule by path at pods",
    "policy-ignored @ AuthorizationPolicy default/policy",
    policy({ selector, rules: operation({ paths: ["/x"] }) }),
    policy({ targetRefs: [toService("httpbin")], rules: operation({ paths: ["/x"] }) }),
  ],
  [
    "a rule for a service without a waypoint",
    "waypoint-missing @ AuthorizationPolicy web-api/policy",
    policy({ targetRefs: [toService("web-api")], rules: [{}] }, "web-api"),
    {},
  ],
  [
    "an authorizer that nobody knows",
    "authorizer-missing @ AuthorizationPolicy default/policy",
    policy({ targetRefs: [toService("httpbin")], action: "CUSTOM", provider: { name: "opa" }, rules: [{}] }),
    {},
  ],
  [
    "an authorizer whose service is gone",
    "authorizer-missing @ AuthorizationPolicy default/policy",
    {
      ...policy({ targetRefs: [toService("httpbin")], action: "CUSTOM", provider: { name: "opa" }, rules: [{}] }),
      ...meshConfig(
        "extensionProviders: [{name: opa, envoyExtAuthzHttp: {service: gone.default.svc.cluster.local, port: 80}}]",
      ),
    },
    {
      ...policy({ targetRefs: [toService("httpbin")], action: "CUSTOM", provider: { name: "opa" }, rules: [{}] }),
      ...meshConfig(
        "extensionProviders: [{name: opa, envoyExtAuthzHttp: {service: sleep.default.svc.cluster.local, port: 80}}]",
      ),
    },
  ],
  ["tokens verified at pods", "policy-ignored @ RequestAuthentication default/tokens", tokens({ selector }), {}],
  [
    "tokens verified without a waypoint",
    "waypoint-missing @ RequestAuthentication web-api/tokens",
    tokens({ targetRefs: [toService("web-api")] }, "web-api"),
    {},
  ],
  [
    "tokens verified and never asked for",
    "token-rule-alone @ RequestAuthentication default/tokens",
    tokens({ targetRefs: [toService("httpbin")] }),
    { ...tokens({ targetRefs: [toService("httpbin")] }), ...policy(guarded) },
  ],
  [
    "strict ports of a permissive workload",
    "port-exception-broken @ PeerAuthentication default/peer",
    peer({ selector, mtls: { mode: "PERMISSIVE" }, portLevelMtls: { "8000": { mode: "STRICT" } } }),
    peer({ selector, mtls: { mode: "STRICT" }, portLevelMtls: { "8000": { mode: "PERMISSIVE" } } }),
  ],
  [
    "mutual TLS switched off",
    "plain-text-callers @ PeerAuthentication default/peer",
    peer({ mtls: { mode: "DISABLE" } }),
    peer({ mtls: { mode: "STRICT" } }),
  ],
  [
    "a telemetry provider that nobody knows",
    "reference-dangling @ Telemetry istio-system/mesh",
    { telemetries: [{ ...meta("mesh", "istio-system"), spec: { tracing: [{ providers: [{ name: "otel" }] }] } }] },
    {
      telemetries: [{ ...meta("mesh", "istio-system"), spec: { tracing: [{ providers: [{ name: "otel" }] }] } }],
      ...meshConfig("extensionProviders: [{name: otel, opentelemetry: {}}]"),
    },
  ],
  [
    "a way of spreading calls that nobody knows",
    "value-never-matches @ Service default/extra",
    {
      services: [
        meta("extra", "default", { annotations: { "networking.istio.io/traffic-distribution": "PreferSameRegion" } }),
      ],
    },
    {
      services: [
        meta("extra", "default", { annotations: { "networking.istio.io/traffic-distribution": "PreferSameZone" } }),
      ],
    },
  ],
  [
    "visitors past a waypoint with rules",
    "gateway-bypasses-waypoint @ Service default/httpbin",
    { ...exposed, ...policy({ targetRefs: [toService("httpbin")], rules: [{}] }) },
    exposed,
  ],
  [
    "True with UnsupportedValue",
    "condition-means-nothing @ AuthorizationPolicy default/policy",
    policy(
      { selector, rules: [{}] },
      "default",
      condition("ZtunnelAccepted", "UnsupportedValue", "ztunnel does not support HTTP attributes"),
    ),
    policy({ selector, rules: [{}] }, "default", condition("ZtunnelAccepted", "Accepted", "attached to ztunnel")),
  ],
  [
    "True with PartiallyInvalid",
    "condition-means-nothing @ AuthorizationPolicy default/policy",
    policy(
      { selector, rules: [{}] },
      "default",
      condition("WaypointAccepted", "PartiallyInvalid", "Invalid targetRefs: Service.core:default/nosuch"),
    ),
    {},
  ],
  [
    "ResolvedWaypoints that will not be respected",
    "condition-means-nothing @ Gateway default/extra",
    {
      gateways: [
        {
          ...meta("extra"),
          spec: { gatewayClassName: "istio" },
          ...condition(
            "ResolvedWaypoints",
            "ResolvedWaypoints",
            "istio.io/use-waypoint label missing from parent and parent namespace; in ambient mode, route will not be respected",
          ),
        },
      ],
    },
    {
      gateways: [
        {
          ...meta("extra"),
          spec: { gatewayClassName: "istio" },
          ...condition("ResolvedWaypoints", "ResolvedWaypoints", "All waypoints resolved"),
        },
      ],
    },
  ],
])("%s", (_, found, trap, harmless) => {
  test("is found", () => {
    expect(told(trap)).toContain(found);
  });

  test("and its harmless neighbour is not", () => {
    expect(told(harmless)).not.toContain(found);
  });
});

test("destinations that only a list should allow are open on Kubernetes, and held by the embedded mesh", () => {
  const listed = meshConfig("outboundTrafficPolicy: {mode: REGISTRY_ONLY}");
  expect(told(listed, "kubernetes")).toContain("other-destinations-open @ ConfigMap istio-system/istio");
  expect(told(listed)).toEqual([]);
});

test("a company without traps has no findings", () => {
  expect(told({})).toEqual([]);
});

describe("findings of services", () => {
  const inventory = inventoryWith({
    ...policy({ targetRefs: [toService("httpbin")], rules: operation({ methods: ["get"] }) }),
    ...virtual("sleep"),
    ...peer({ mtls: { mode: "DISABLE" } }),
  });

  test("are about them, or about their whole namespace", () => {
    expect(findingsOf(inventory, ["default/httpbin"]).map(({ code }) => code)).toEqual([
      "value-never-matches",
      "plain-text-callers",
    ]);
    expect(findingsOf(inventory, ["web-api/web-api"])).toEqual([]);
  });

  test("block nothing, and offer the path that repairs them where there is one", () => {
    const found = findingsOf(inventory, ["default/httpbin"]);
    expect(found.some(({ level }) => level === "error")).toBe(false);
    expect(found.find(({ code }) => code === "plain-text-callers")?.path?.slug).toBe("require-mtls");
  });
});
