/** The mesh itself, and what statuses say: each silent trap, and its harmless neighbour that must not be found. */
import {
  bound,
  condition,
  describeTraps,
  exposed,
  meshConfig,
  meta,
  peer,
  policy,
  routed,
  selector,
  serviceNamed,
  toGateway,
  toService,
  virtual,
} from "./traps.suite.ts";

const traced = {
  telemetries: [{ ...meta("mesh", "istio-system"), spec: { tracing: [{ providers: [{ name: "otel" }] }] } }],
};
const provider = (service: string, port: number): string =>
  `extensionProviders: [{name: otel, opentelemetry: {service: ${service}, port: ${port}}}]`;
const namespace = (labels: object) => ({ metadata: { name: "shop", labels } });
const asking = (name: string, namespace: string) => ({
  labels: { "istio.io/use-waypoint": name, "istio.io/use-waypoint-namespace": namespace },
});
const gatewayApi = "gateway.networking.k8s.io";
const waypoint = { group: gatewayApi, kind: "Gateway", name: "waypoint" };
const everyWaypoint = { group: gatewayApi, kind: "GatewayClass", name: "istio-waypoint" };
const unbound = {
  conditions: [
    {
      type: "istio.io/WaypointBound",
      status: "False",
      reason: "WaypointIsNotReady",
      message: 'waypoint "default/waypoint" is not ready',
    },
  ],
};
const unread =
  "istio.io/use-waypoint label missing from parent and parent namespace; in ambient mode, route will not be respected";
const atParent = (message: string) => ({
  parents: [
    { parentRef: toGateway, conditions: [] },
    { parentRef: toService("httpbin"), ...condition("ResolvedWaypoints", "ResolvedWaypoints", message).status },
  ],
});

describeTraps([
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

  [
    "a collector whose service is gone",
    "reference-dangling @ Telemetry istio-system/mesh",
    { ...traced, ...meshConfig(provider("gone.default.svc.cluster.local", 4317)) },
    { ...traced, ...meshConfig(provider("sleep.default.svc.cluster.local", 80)) },
    { ...traced, ...meshConfig("extensionProviders: [{name: otel, envoyFileAccessLog: {path: /dev/stdout}}]") },
  ],
  [
    "a collector's port that is not there",
    "reference-dangling @ Telemetry istio-system/mesh",
    { ...traced, ...meshConfig(provider("sleep.default.svc.cluster.local", 4317)) },
    { ...traced, ...meshConfig(provider("sleep.default.svc.cluster.local", 80)) },
  ],
  [
    "telemetry of a service that does not exist",
    "reference-dangling @ Telemetry default/own",
    { telemetries: [{ ...meta("own"), spec: { targetRefs: [toService("nope")] } }] },
    { telemetries: [{ ...meta("own"), spec: { targetRefs: [toService("httpbin")] } }] },
  ],
  [
    "a namespace that asks for a waypoint which does not exist",
    "waypoint-missing @ Namespace shop",
    { namespaces: [namespace({ "istio.io/use-waypoint": "nope" })] },
    { namespaces: [namespace({ "istio.io/use-waypoint": "none" })] },
    { namespaces: [namespace({ "istio.io/use-waypoint": "waypoint", "istio.io/use-waypoint-namespace": "default" })] },
    { namespaces: [namespace({})] },
  ],
  [
    "a service that asks for a gateway of visitors as its waypoint",
    "waypoint-missing @ Service default/extra",
    { services: [serviceNamed("extra", {}, asking("ingress", "istio-ingress"))] },
    { services: [serviceNamed("extra", {}, asking("waypoint", "default"))] },
  ],
  [
    "a destination that asks for a waypoint which does not exist",
    "waypoint-missing @ ServiceEntry default/out",
    { serviceEntries: [{ ...meta("out", "default", asking("nope", "default")), spec: { hosts: ["a.example"] } }] },
    { serviceEntries: [{ ...meta("out", "default", asking("waypoint", "default")), spec: { hosts: ["a.example"] } }] },
  ],
  [
    "a waypoint that does not serve who asks for it",
    "waypoint-not-ready @ Gateway default/waypoint",
    { services: [{ ...serviceNamed("extra", {}, asking("waypoint", "default")), status: unbound }] },
    { services: [{ ...serviceNamed("extra", {}, asking("waypoint", "default")), status: bound }] },
    // The control plane has not said anything yet.
    { services: [serviceNamed("extra", {}, asking("waypoint", "default"))] },
    // It refuses the waypoint of its namespace.
    { services: [{ ...serviceNamed("extra", {}, asking("none", "default")), status: unbound }] },
  ],
  [
    "visitors past a waypoint with rules of its own",
    "gateway-bypasses-waypoint @ Service default/httpbin",
    { ...exposed, ...policy({ targetRefs: [waypoint], action: "DENY", rules: [{ to: [] }] }) },
    { ...exposed, ...policy({ targetRefs: [{ ...waypoint, name: "another" }], action: "DENY", rules: [{ to: [] }] }) },
  ],
  [
    "visitors past the rules of all waypoints",
    "gateway-bypasses-waypoint @ Service default/httpbin",
    { ...exposed, ...policy({ targetRefs: [everyWaypoint], rules: [{}] }, "istio-system") },
    // Read in the root namespace only.
    { ...exposed, ...policy({ targetRefs: [everyWaypoint], rules: [{}] }) },
  ],
  [
    "visitors past a locked waypoint to pods that are open",
    "gateway-bypasses-waypoint @ Service default/httpbin",
    { ...exposed, ...policy({ targetRefs: [waypoint] }) },
    {
      ...exposed,
      authorizationPolicies: [
        { ...meta("deny-all"), spec: {} },
        { ...meta("deny-all-waypoint"), spec: { targetRefs: [waypoint] } },
      ],
    },
  ],
  [
    "visitors past a route that only the waypoint reads",
    "gateway-bypasses-waypoint @ Service default/httpbin",
    { ...exposed, ...virtual("httpbin") },
    { ...exposed, ...virtual("sleep") },
  ],
  [
    "True at one parent of a route, which nobody reads",
    "condition-means-nothing @ HTTPRoute default/route",
    { routes: [{ ...routed("route", [toService("httpbin")], [{}]), status: atParent(unread) }] },
    { routes: [{ ...routed("route", [toService("httpbin")], [{}]), status: atParent("All waypoints resolved") }] },
  ],
]);
