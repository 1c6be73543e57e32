import { expect, test } from "vitest";
import { bindsGateway, bindsService, bindsWaypoint, selectsWorkload } from "./binding.ts";
import type { AuthorizationPolicyResource } from "./resource.ts";
import { indexPolicies, selectPolicies } from "./select.ts";
import { simulate } from "./simulate.ts";

const policy = (
  namespace: string,
  spec: NonNullable<AuthorizationPolicyResource["spec"]>,
  name = "p",
): AuthorizationPolicyResource => ({
  metadata: { name, namespace },
  spec,
});
const selector = { matchLabels: { app: "web" } };
const gateway = { namespace: "ingress", name: "gw", gatewayClassName: "istio", labels: { app: "web" } };
const ref = (kind: string, name: string) => ({ group: "gateway.networking.k8s.io", kind, name });

test.each([
  ["own namespace, labels match", policy("web", { selector }), true],
  ["own namespace, labels differ", policy("web", { selector: { matchLabels: { app: "x" } } }), false],
  ["another namespace", policy("other", { selector }), false],
  ["root namespace", policy("istio-system", { selector }), true],
  ["no selector: found by scope", policy("web", {}), false],
  ["empty selector selects all", policy("web", { selector: {} }), true],
])("selects a workload: %s", (_name, resource, expected) => {
  expect(selectsWorkload(resource, { namespace: "web", labels: { app: "web" } })).toBe(expected);
});

test.each([
  ["selector-less, its namespace", policy("ingress", {}), true],
  ["selector-less, root namespace", policy("istio-system", {}), true],
  ["selector-less, another namespace", policy("web", {}), false],
  ["by its pods' labels", policy("ingress", { selector }), true],
  ["by other labels", policy("ingress", { selector: { matchLabels: { app: "x" } } }), false],
  ["by name", policy("ingress", { targetRefs: [ref("Gateway", "gw")] }), true],
  ["by another name", policy("ingress", { targetRefs: [ref("Gateway", "x")] }), false],
  ["by name from another namespace", policy("web", { targetRefs: [ref("Gateway", "gw")] }), false],
  ["by class from the root namespace", policy("istio-system", { targetRefs: [ref("GatewayClass", "istio")] }), true],
  ["by class from elsewhere", policy("ingress", { targetRefs: [ref("GatewayClass", "istio")] }), false],
  ["by a Service", policy("ingress", { targetRefs: [{ group: "", kind: "Service", name: "gw" }] }), false],
])("binds a gateway: %s", (_name, resource, expected) => {
  expect(bindsGateway(resource, gateway)).toBe(expected);
});

const waypoint = { namespace: "web", name: "waypoint", gatewayClassName: "istio-waypoint", labels: { app: "web" } };
const service = (name: string) => ({ group: "", kind: "Service", name });

test.each([
  ["the Service by name", policy("web", { targetRefs: [service("cart")] }), true, false],
  ["the Service by the older field", policy("web", { targetRef: { kind: "Service", name: "cart" } }), true, false],
  ["one of several targets", policy("web", { targetRefs: [service("x"), service("cart")] }), true, false],
  ["another Service", policy("web", { targetRefs: [service("x")] }), false, false],
  ["a Service of that name in another namespace", policy("other", { targetRefs: [service("cart")] }), false, false],
  [
    "a Service of that name, from the root namespace",
    policy("istio-system", { targetRefs: [service("cart")] }),
    false,
    false,
  ],
  [
    "something else of that name",
    policy("web", { targetRefs: [{ kind: "ServiceEntry", name: "cart", group: "networking.istio.io" }] }),
    false,
    false,
  ],
  [
    "a Service of another group",
    policy("web", { targetRefs: [{ kind: "Service", name: "cart", group: "x" }] }),
    false,
    false,
  ],
  ["the waypoint", policy("web", { targetRefs: [ref("Gateway", "waypoint")] }), true, true],
  ["another Gateway", policy("web", { targetRefs: [ref("Gateway", "x")] }), false, false],
  ["the waypoint, from another namespace", policy("other", { targetRefs: [ref("Gateway", "waypoint")] }), false, false],
  ["all waypoints", policy("istio-system", { targetRefs: [ref("GatewayClass", "istio-waypoint")] }), true, true],
  [
    "all waypoints, from another namespace",
    policy("web", { targetRefs: [ref("GatewayClass", "istio-waypoint")] }),
    false,
    false,
  ],
  ["all ingress gateways", policy("istio-system", { targetRefs: [ref("GatewayClass", "istio")] }), false, false],
  [
    "a Gateway of another group",
    policy("web", { targetRefs: [{ group: "", kind: "Gateway", name: "waypoint" }] }),
    false,
    false,
  ],
  ["the namespace", policy("web", {}), false, false],
  ["the mesh", policy("istio-system", {}), false, false],
  ["labels of the waypoint's pods", policy("web", { selector }), false, false],
])("at a waypoint, a policy for %s", (_name, resource, atService, atWorkload) => {
  expect(bindsService(resource, { namespace: "web", name: "cart" }, waypoint)).toBe(atService);
  expect(bindsWaypoint(resource, waypoint)).toBe(atWorkload);
  expect(bindsGateway(resource, waypoint)).toBe(atWorkload);
});

test("a ServiceEntry is a target of its own", () => {
  const resource = policy("web", { targetRefs: [{ group: "networking.istio.io", kind: "ServiceEntry", name: "api" }] });
  expect(bindsService(resource, { kind: "ServiceEntry", namespace: "web", name: "api" }, waypoint)).toBe(true);
  expect(bindsService(resource, { namespace: "web", name: "api" }, waypoint)).toBe(false);
});

test("the root namespace is what the mesh says it is", () => {
  const resource = policy("mesh", { targetRefs: [ref("GatewayClass", "istio-waypoint")] });
  expect(bindsWaypoint(resource, waypoint, "mesh")).toBe(true);
  expect(bindsService(resource, { namespace: "web", name: "cart" }, waypoint, "mesh")).toBe(true);
  expect(bindsService(resource, { namespace: "web", name: "cart" }, waypoint)).toBe(false);
});

test("a workload is bound by its namespace, the mesh, and what it names; a name nobody knows is reported", () => {
  const of = (namespace: string, name: string, scope: "GLOBAL" | "NAMESPACE" | "WORKLOAD_SELECTOR") =>
    ({ namespace, name, scope, action: "ALLOW", dryRun: false, groups: [] }) as const;
  const index = indexPolicies([
    of("istio-system", "mesh", "GLOBAL"),
    of("web", "all", "NAMESPACE"),
    of("other", "all", "NAMESPACE"),
    of("web", "mine", "WORKLOAD_SELECTOR"),
    of("web", "theirs", "WORKLOAD_SELECTOR"),
  ]);
  const { policies, unknown } = selectPolicies(
    { namespace: "web", authorizationPolicies: ["web/mine", "web/gone"] },
    index,
  );
  expect(policies.map(({ namespace, name }) => `${namespace}/${name}`)).toEqual([
    "web/all",
    "istio-system/mesh",
    "web/mine",
  ]);
  expect(unknown).toEqual(["web/gone"]);
});

test("the story: deny-all, then callers one by one", () => {
  const denyAll = policy("web-api", {}, "deny-all");
  const callers = policy(
    "web-api",
    {
      selector: { matchLabels: { app: "web-api" } },
      rules: [
        { from: [{ source: { serviceAccounts: ["ingress/gateway"] } }], to: [{ operation: { ports: ["8080"] } }] },
      ],
    },
    "web-api-callers",
  );
  const destination = { namespace: "web-api", labels: { app: "web-api" } };
  const call = (principal: string) => ({
    sourcePrincipal: `cluster.local/ns/${principal}`,
    sourceIp: "127.16.1.10",
    destinationIp: "127.16.1.11",
    destinationPort: 8080,
  });
  const before = simulate({ authorizationPolicies: [denyAll], peerAuthentications: [] });
  expect(before.connection(destination, call("ingress/sa/gateway"))).toMatchObject({
    allowed: false,
    policy: "web-api/deny-all",
  });
  const after = simulate({ authorizationPolicies: [denyAll, callers], peerAuthentications: [] });
  expect(after.connection(destination, call("ingress/sa/gateway"))).toMatchObject({
    allowed: true,
    policy: "web-api/web-api-callers",
  });
  expect(after.connection(destination, call("default/sa/sleep"))).toMatchObject({
    allowed: false,
    reason: "no-allow-policy-matched",
    attribute: "source.serviceAccount",
  });
});

test("all policies of a namespace bind, and one that is listed besides binds once", () => {
  const of = (name: string, scope: "GLOBAL" | "NAMESPACE") =>
    ({ namespace: "web", name, scope, action: "ALLOW", dryRun: false, groups: [] }) as const;
  const index = indexPolicies([
    of("one", "NAMESPACE"),
    of("two", "NAMESPACE"),
    of("three", "NAMESPACE"),
    of("all", "GLOBAL"),
  ]);
  const { policies, unknown } = selectPolicies(
    { namespace: "web", authorizationPolicies: ["web/two", "web/all"] },
    index,
  );
  expect(policies.map(({ name }) => name)).toEqual(["one", "two", "three", "all"]);
  expect(unknown).toEqual([]);
});

test("one target of several is enough at a gateway, and kinds are told apart", () => {
  const two = policy("ingress", { targetRefs: [ref("Gateway", "x"), ref("Gateway", "gw")] });
  expect(bindsGateway(two, gateway)).toBe(true);
  expect(bindsGateway(policy("ingress", { targetRefs: [ref("XGateway", "gw")] }), gateway)).toBe(false);
  expect(bindsGateway(policy("istio-system", { targetRefs: [ref("XClass", "istio")] }), gateway)).toBe(false);
  expect(bindsGateway({ metadata: { name: "p", namespace: "ingress" } }, gateway)).toBe(true);
  expect(selectsWorkload({ metadata: { name: "p", namespace: "web" } }, { namespace: "web", labels: {} })).toBe(false);
});
