/** Rules about who may call: each silent trap, and its harmless neighbour that must not be found. */
import {
  describeTraps,
  guarded,
  keptClosed,
  listed,
  meshConfig,
  meta,
  operation,
  policy,
  selector,
  serviceNamed,
  tokens,
  toService,
} from "./traps.suite.ts";

const gatewayApi = "gateway.networking.k8s.io";
const sleepPods = { matchLabels: { app: "sleep" } };
const silent = { ...meta("silent", "default", { labels: { app: "silent" } }), status: { phase: "Running" } };
const outside = serviceNamed("authz", { selector: undefined, ports: [{ name: "http", port: 9000 }] });
const asks = (service: string, port: number) => ({
  ...policy({ targetRefs: [toService("httpbin")], action: "CUSTOM", provider: { name: "opa" }, rules: [{}] }),
  ...meshConfig(`extensionProviders: [{name: opa, envoyExtAuthzHttp: {service: ${service}, port: ${port}}}]`),
});

describeTraps([
  [
    "a service that is kept closed since its last access ended",
    "kept-closed @ AuthorizationPolicy default/policy",
    keptClosed([]),
    keptClosed([{ from: [{ source: { serviceAccounts: ["sleep"] } }] }]),
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
    "a rule for a service that does not exist",
    "reference-dangling @ AuthorizationPolicy default/policy",
    policy({ targetRefs: [toService("httpbin"), toService("nope")], rules: [{}] }),
    policy({ targetRefs: [toService("httpbin"), toService("sleep")], rules: [{}] }),
    policy({ targetRefs: [{ group: gatewayApi, kind: "GatewayClass", name: "istio-waypoint" }] }, "istio-system"),
  ],
  [
    "a rule for a gateway that does not exist",
    "reference-dangling @ AuthorizationPolicy istio-ingress/policy",
    policy({ targetRef: { group: gatewayApi, kind: "Gateway", name: "nope" }, rules: [{}] }, "istio-ingress"),
    policy({ targetRef: { group: gatewayApi, kind: "Gateway", name: "ingress" }, rules: [{}] }, "istio-ingress"),
  ],
  [
    "a rule for a destination that is not listed",
    "reference-dangling @ AuthorizationPolicy default/policy",
    policy({ targetRefs: [{ group: "networking.istio.io", kind: "ServiceEntry", name: "listed" }], rules: [{}] }),
    {
      ...policy({ targetRefs: [{ group: "networking.istio.io", kind: "ServiceEntry", name: "listed" }], rules: [{}] }),
      ...listed("api.example.com"),
    },
  ],
  [
    "tokens verified for a service that does not exist",
    "reference-dangling @ RequestAuthentication default/tokens",
    tokens({ targetRefs: [toService("nope")] }),
    tokens({ targetRefs: [toService("httpbin")] }),
  ],
  [
    "tokens verified at a gateway that does not exist",
    "reference-dangling @ RequestAuthentication istio-ingress/tokens",
    tokens({ targetRefs: [{ group: gatewayApi, kind: "Gateway", name: "nope" }] }, "istio-ingress"),
    tokens({ targetRefs: [{ group: gatewayApi, kind: "Gateway", name: "ingress" }] }, "istio-ingress"),
  ],
  [
    "tokens verified for a destination that is not listed",
    "reference-dangling @ RequestAuthentication default/tokens",
    tokens({ targetRefs: [{ group: "networking.istio.io", kind: "ServiceEntry", name: "listed" }] }),
    {
      ...tokens({ targetRefs: [{ group: "networking.istio.io", kind: "ServiceEntry", name: "listed" }] }),
      ...listed("api.example.com"),
    },
  ],
  [
    "a limit for a service that does not exist",
    "reference-dangling @ RateLimitPolicy default/limits",
    { rateLimitPolicies: [{ ...meta("limits"), spec: { targetRefs: [toService("nope")], limits: [] } }] },
    { rateLimitPolicies: [{ ...meta("limits"), spec: { targetRefs: [toService("httpbin")], limits: [] } }] },
  ],
  [
    "a service's port that is excepted at its pods",
    "port-not-open @ AuthorizationPolicy default/policy",
    policy({ selector: sleepPods, action: "DENY", rules: operation({ notPorts: ["80"] }) }),
    policy({ selector: sleepPods, action: "DENY", rules: operation({ notPorts: ["8080"] }) }),
  ],
  [
    "a service's port in a condition at its pods",
    "port-not-open @ AuthorizationPolicy default/policy",
    policy({ selector: sleepPods, rules: [{ when: [{ key: "destination.port", values: ["80"] }] }] }),
    policy({ selector: sleepPods, rules: [{ when: [{ key: "destination.port", values: ["8080"] }] }] }),
    // Another of the pods that it selects has that port.
    {
      ...policy({ rules: operation({ ports: ["80"] }) }),
      services: [serviceNamed("direct", { ports: [{ name: "http", port: 80, targetPort: 80 }] })],
    },
  ],
  [
    "a pod's port at the waypoint",
    "port-not-open @ AuthorizationPolicy default/policy",
    policy({ targetRefs: [toService("sleep")], rules: operation({ ports: ["8080"] }) }),
    policy({ targetRefs: [toService("sleep")], rules: operation({ ports: ["80"] }) }),
    policy({ targetRefs: [toService("sleep"), toService("httpbin")], rules: operation({ ports: ["80", "8000"] }) }),
  ],
  [
    "a port that none of its pods opens",
    "port-not-open @ AuthorizationPolicy default/policy",
    policy({ selector: sleepPods, rules: operation({ ports: ["9090"] }) }),
    // A refusal there does no harm, and nobody knows what pods without a declared port listen on.
    policy({ selector: sleepPods, action: "DENY", rules: operation({ ports: ["9090"] }) }),
    {
      ...policy({ selector: { matchLabels: { app: "silent" } }, rules: operation({ ports: ["9090"] }) }),
      pods: [silent],
    },
  ],
  [
    "an authorizer by a short name, which nobody resolves",
    "authorizer-missing @ AuthorizationPolicy default/policy",
    asks("sleep.default", 80),
    asks("sleep.default.svc.cluster.local", 80),
    asks("default/sleep.default.svc.cluster.local", 80),
  ],
  [
    "an authorizer in a namespace, which is gone",
    "authorizer-missing @ AuthorizationPolicy default/policy",
    asks("gone.default.svc", 80),
    { ...asks("authz.default.svc.cluster.local", 9000), services: [outside] },
  ],
  [
    "an authorizer at a port that its service does not have",
    "authorizer-missing @ AuthorizationPolicy default/policy",
    asks("sleep.default.svc.cluster.local", 8080),
    asks("sleep.default.svc.cluster.local", 80),
  ],
  [
    "an authorizer outside, which the embedded mesh cannot ask",
    "authorizer-missing @ AuthorizationPolicy default/policy",
    { ...asks("authz.example.com", 443), ...listed("authz.example.com") },
    asks("sleep.default.svc.cluster.local", 80),
  ],
]);

describeTraps(
  [
    [
      "on Kubernetes an authorizer outside that is not listed",
      "authorizer-missing @ AuthorizationPolicy default/policy",
      asks("authz.example.com", 443),
      { ...asks("authz.example.com", 443), ...listed("authz.example.com") },
    ],
  ],
  "kubernetes",
);
