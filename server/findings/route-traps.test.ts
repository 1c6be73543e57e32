/** Routes and DestinationRules: each silent trap, and its harmless neighbour that must not be found. */
import {
  bound,
  describeTraps,
  destination,
  exposed,
  grpc,
  listed,
  route,
  routed,
  send,
  sends,
  serviceNamed,
  some,
  toGateway,
  toService,
  virtual,
} from "./traps.suite.ts";

const two = serviceNamed("two", {
  ports: [
    { name: "http", port: 8000 },
    { name: "http-more", port: 9000 },
  ],
});
const copies = (name: string, port: number) => ({
  filters: [{ type: "RequestMirror", requestMirror: { backendRef: { name, port } } }],
});

describeTraps([
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
    virtual("httpbin.default.svc.cluster.local", "web-api"),
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
    "a route on a service that does not exist",
    "reference-dangling @ HTTPRoute default/route",
    route([toService("nope")], [send("httpbin", 8000)]),
    route([toService("httpbin")], [send("httpbin", 8000)]),
    // Somebody else's kind of parent.
    route([{ group: "example.com", kind: "Mesh", name: "nope" }], [send("httpbin", 8000)]),
  ],
  [
    "copies for a service that does not exist",
    "backend-missing @ HTTPRoute default/route",
    route([toService("httpbin")], [{ ...send("httpbin", 8000), ...copies("nope", 8000) }]),
    route([toService("httpbin")], [{ ...send("httpbin", 8000), ...copies("sleep", 80) }]),
  ],
  [
    "a rule for every request on another port only",
    "route-without-default @ HTTPRoute default/some",
    {
      services: [two],
      routes: [
        routed("all", [toService("two", { port: 8000 })], [send("two", 8000)]),
        routed("some", [toService("two", { port: 9000 })], [{ ...some, ...send("two", 9000) }]),
      ],
    },
    {
      services: [two],
      routes: [
        routed("all", [toService("two", { port: 9000 })], [send("two", 9000)]),
        routed("some", [toService("two", { port: 9000 })], [{ ...some, ...send("two", 9000) }]),
      ],
    },
    {
      services: [two],
      routes: [
        routed("all", [toService("two")], [send("two", 8000)]),
        routed("some", [toService("two", { port: 9000 })], [{ ...some, ...send("two", 9000) }]),
      ],
    },
  ],
  [
    "a route of all ports where only one has a rule for every request",
    "route-without-default @ HTTPRoute default/some",
    {
      services: [two],
      routes: [
        routed("all", [toService("two", { port: 8000 })], [send("two", 8000)]),
        routed("some", [toService("two")], [{ ...some, ...send("two", 8000) }]),
      ],
    },
    {
      services: [two],
      routes: [
        routed("all", [toService("two", { port: 8000 }), toService("two", { port: 9000 })], [send("two", 8000)]),
        routed("some", [toService("two")], [{ ...some, ...send("two", 8000) }]),
      ],
    },
  ],
  [
    "a rule for every request that stands where no waypoint reads it",
    "route-without-default @ HTTPRoute default/some",
    {
      routes: [
        routed("all", [toService("httpbin", { namespace: "default" })], [send("web-api", 8080)], "web-api"),
        routed("some", [toService("httpbin")], [{ ...some, ...send("httpbin", 8000) }]),
      ],
    },
    {
      routes: [
        routed("all", [toService("httpbin")], [send("httpbin", 8000)]),
        routed("some", [toService("httpbin")], [{ ...some, ...send("httpbin", 8000) }]),
      ],
    },
    // Nobody comes to a port that is not there.
    { routes: [routed("some", [toService("httpbin", { port: 80 })], [{ ...some, ...send("httpbin", 8000) }])] },
    // Routes of both kinds merge.
    {
      ...grpc([toService("httpbin")], [send("httpbin", 8000)]),
      routes: [routed("some", [toService("httpbin")], [{ ...some, ...send("httpbin", 8000) }])],
    },
  ],
  [
    "a gRPC route on a port that the parent does not have",
    "route-parent-port @ GRPCRoute default/route",
    grpc([toService("httpbin", { port: 80 })], [send("httpbin", 8000)]),
    grpc([toService("httpbin", { port: 8000 })], [send("httpbin", 8000)]),
  ],
  [
    "a gRPC route on a gateway that does not exist",
    "reference-dangling @ GRPCRoute default/route",
    grpc([{ name: "nope", namespace: "istio-ingress" }], [send("httpbin", 8000)]),
    grpc([toGateway], [send("httpbin", 8000)]),
  ],
  [
    "a gRPC route without a rule for every call",
    "route-without-default @ GRPCRoute default/route",
    grpc([toService("httpbin")], [{ matches: [{ method: { service: "shop.Orders" } }], ...send("httpbin", 8000) }]),
    grpc([toService("httpbin")], [{ matches: [{}], ...send("httpbin", 8000) }]),
  ],
  [
    "a gRPC route in the caller's namespace",
    "rule-without-effect @ GRPCRoute web-api/route",
    grpc([toService("httpbin", { namespace: "default" })], [send("web-api", 8080)], "web-api"),
    {},
  ],
  [
    "a gRPC route of a service without a waypoint",
    "waypoint-missing @ GRPCRoute web-api/route",
    grpc([toService("web-api")], [send("web-api", 8080)], "web-api"),
    {},
  ],
  [
    "a gRPC route to a service that does not exist",
    "backend-missing @ GRPCRoute default/route",
    grpc([toService("httpbin")], [send("nope", 8000)]),
    grpc([toService("httpbin")], [send("sleep", 80)]),
  ],
  [
    "a VirtualService beside a gRPC route",
    "route-conflict @ VirtualService default/virtual",
    { ...virtual("httpbin"), ...grpc([toService("httpbin")], [send("httpbin", 8000)]) },
    // No waypoint reads a route of another namespace: it wins over nothing.
    { ...virtual("httpbin"), ...grpc([toService("httpbin", { namespace: "default" })], [{}], "web-api") },
  ],
  [
    "a VirtualService by a short name with a namespace",
    "host-unknown @ VirtualService default/virtual",
    virtual("httpbin.default"),
    virtual("HTTPBIN.default.svc.cluster.local"),
    { ...virtual("api.example.com"), ...listed("*.example.com") },
    { ...virtual("outside"), services: [serviceNamed("outside", { selector: undefined })] },
    virtual("*.default.svc.cluster.local"),
  ],
  [
    "a VirtualService that sends to a host that nobody serves",
    "backend-missing @ VirtualService default/virtual",
    virtual("httpbin", "default", sends({ host: "httpbin" }, { host: "nope" })),
    virtual("httpbin", "default", sends({ host: "httpbin" }, { host: "sleep.default.svc.cluster.local" })),
    { ...virtual("httpbin", "default", sends({ host: "api.example.com" })), ...listed("api.example.com") },
  ],
  [
    "a VirtualService that sends to a port that is not there",
    "backend-missing @ VirtualService default/virtual",
    virtual("httpbin", "default", sends({ host: "httpbin", port: { number: 80 } })),
    virtual("httpbin", "default", sends({ host: "httpbin", port: { number: 8000 } })),
  ],
  [
    "a VirtualService that copies to a host that nobody serves",
    "backend-missing @ VirtualService default/virtual",
    virtual("httpbin", "default", { ...sends({ host: "httpbin" }), mirror: { host: "nope" } }),
    virtual("httpbin", "default", { ...sends({ host: "httpbin" }), mirror: { host: "sleep" } }),
  ],
  [
    "a DestinationRule of a host that nobody serves",
    "host-unknown @ DestinationRule default/destination",
    destination("nope"),
    { ...destination("api.example.com"), ...listed("api.example.com") },
    { ...destination("outside"), services: [serviceNamed("outside", { selector: undefined })] },
    destination("*.example.com"),
  ],
  [
    "a DestinationRule on the parent of a split by a VirtualService",
    "destination-rule-ignored @ DestinationRule default/destination",
    { ...destination("httpbin"), ...virtual("httpbin", "default", sends({ host: "sleep" })) },
    { ...destination("httpbin"), ...virtual("httpbin", "default", sends({ host: "sleep" }, { host: "httpbin" })) },
    // Its route wins, and sends nothing away.
    {
      ...destination("httpbin"),
      ...virtual("httpbin", "default", sends({ host: "sleep" })),
      ...route([toService("httpbin")], [send("httpbin", 8000)]),
    },
  ],
  [
    "a DestinationRule on the parent of a split by a gRPC route",
    "destination-rule-ignored @ DestinationRule default/destination",
    { ...destination("httpbin"), ...grpc([toService("httpbin")], [send("sleep", 80)]) },
    // Routes of another namespace split nothing.
    {
      ...destination("httpbin"),
      ...route([toService("httpbin", { namespace: "default" })], [send("web-api", 8080)], "web-api"),
    },
    // Its other port has no route.
    {
      ...destination("two"),
      services: [{ ...two, status: bound }],
      routes: [routed("some", [toService("two", { port: 8000 })], [send("sleep", 80)])],
    },
    // Visitors come past the waypoint, and so past its routes.
    {
      ...destination("httpbin"),
      routes: [...exposed.routes, routed("away", [toService("httpbin")], [send("sleep", 80)])],
    },
  ],
]);
