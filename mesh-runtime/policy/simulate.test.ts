import { expect, test } from "vitest";
import type { RequestAttributes } from "./request-attributes.ts";
import type { AuthorizationPolicyResource } from "./resource.ts";
import { type ServiceDestination, simulate } from "./simulate.ts";

type Spec = NonNullable<AuthorizationPolicyResource["spec"]>;
const policy = (name: string, spec: Spec): AuthorizationPolicyResource => ({
  metadata: { name, namespace: "web" },
  spec,
});
const accounts = (...serviceAccounts: string[]) => [{ from: [{ source: { serviceAccounts } }] }];
const cart: Spec["targetRefs"] = [{ group: "", kind: "Service", name: "cart" }];

const waypoint = { namespace: "web", name: "waypoint", gatewayClassName: "istio-waypoint", labels: {} };
const workload = { namespace: "web", name: "cart-1", labels: { app: "cart" }, ip: "10.0.2.7", port: 8080 };
const behindWaypoint: ServiceDestination = { namespace: "web", name: "cart", waypoint, workload };
const request: RequestAttributes = {
  sourcePrincipal: "td.example/ns/shop/sa/front",
  sourceIp: "10.0.1.5",
  destinationIp: "10.96.0.1",
  destinationPort: 80,
  method: "GET",
  host: "cart.web",
  path: "/items",
  header: () => undefined,
};
const ask = (
  authorizationPolicies: readonly AuthorizationPolicyResource[],
  destination: ServiceDestination = behindWaypoint,
) => simulate({ authorizationPolicies, peerAuthentications: [] }).service(destination, request);

const callers = policy("callers", { targetRefs: cart, rules: accounts("shop/front") });
const guard = policy("guard", { selector: { matchLabels: { app: "cart" } }, rules: accounts("web/waypoint") });

test("a call through a waypoint is judged twice: by the waypoint for the caller, by the agent for the waypoint", () => {
  expect(ask([callers, guard])).toEqual({
    allowed: true,
    hops: [
      {
        at: "waypoint",
        enforcer: "web/waypoint",
        principal: "td.example/ns/shop/sa/front",
        asks: [],
        decision: {
          allowed: true,
          reason: "allowed-by-policy",
          policy: "web/callers",
          rule: 0,
          attribute: "source.serviceAccount",
          evaluated: ["web/callers"],
        },
      },
      {
        at: "agent",
        enforcer: "web/cart-1",
        principal: "td.example/ns/web/sa/waypoint",
        asks: [],
        decision: {
          allowed: true,
          reason: "allowed-by-policy",
          policy: "web/guard",
          rule: 0,
          attribute: "source.serviceAccount",
          evaluated: ["web/guard"],
        },
      },
    ],
  });
});

test("the way ends where it is refused", () => {
  const { allowed, hops } = ask([policy("others", { targetRefs: cart, rules: accounts("shop/other") }), guard]);
  expect([allowed, hops.map(({ at }) => at), hops[0]?.decision.policy]).toEqual([false, ["waypoint"], "web/others"]);
});

test("an agent that knows the callers and not the waypoint refuses", () => {
  const { allowed, hops } = ask([policy("l4", { rules: accounts("shop/front") })]);
  expect([allowed, hops.map(({ decision }) => decision.allowed)]).toEqual([false, [true, false]]);
});

test("without a waypoint the agent sees the caller, and policies for the Service are nowhere enforced", () => {
  const { waypoint: _, ...direct } = behindWaypoint;
  const { allowed, hops } = ask(
    [policy("none", { targetRefs: cart }), policy("l4", { rules: accounts("shop/front") })],
    direct,
  );
  expect([allowed, hops.map(({ at, principal }) => [at, principal])]).toEqual([
    true,
    [["agent", "td.example/ns/shop/sa/front"]],
  ]);
});

test("plain text stays plain text without a waypoint, and becomes the waypoint behind one", () => {
  const { sourcePrincipal: _, ...anonymous } = request;
  const { waypoint: __, ...direct } = behindWaypoint;
  const state = simulate({ authorizationPolicies: [], peerAuthentications: [] });
  const principals = (destination: ServiceDestination) =>
    state.service(destination, anonymous).hops.map(({ principal }) => principal);
  expect(principals(direct)).toEqual([undefined]);
  expect(principals(behindWaypoint)).toEqual([undefined, "cluster.local/ns/web/sa/waypoint"]);
});

test("a pod outside of the mesh has no agent that could refuse", () => {
  const { workload: _, ...outside } = behindWaypoint;
  expect(ask([guard], outside)).toMatchObject({ allowed: true, hops: [{ at: "waypoint" }] });
});

test("a destination with neither waypoint nor agent is open", () => {
  expect(ask([guard], { namespace: "web", name: "cart" })).toEqual({ allowed: true, hops: [] });
});

test("external authorizers that would be asked are named; those that nobody knows deny", () => {
  const authorizationPolicies = [
    policy("ext", {
      targetRefs: cart,
      action: "CUSTOM",
      provider: { name: "opa" },
      rules: [{ to: [{ operation: { paths: ["/items"] } }] }],
    }),
  ];
  const of = (providers: readonly string[]) =>
    simulate({ authorizationPolicies, peerAuthentications: [], providers }).service(behindWaypoint, request);
  expect(of(["opa"]).hops[0]).toMatchObject({
    asks: [{ provider: "opa", policy: "web/ext", rule: 0 }],
    decision: { allowed: true },
  });
  expect(of([]).hops).toMatchObject([{ asks: [], decision: { allowed: false, policy: "web/ext" } }]);
});

test("the agent sees the waypoint's address, not the caller's", () => {
  const rules = [{ from: [{ source: { ipBlocks: ["10.0.9.0/24"] } }] }];
  const of = (more: Partial<ServiceDestination>) =>
    ask([policy("l4", { rules })], { ...behindWaypoint, ...more }).hops[1]?.decision.allowed;
  expect([of({}), of({ waypointIp: "10.0.9.4" }), of({ waypointIp: request.sourceIp })]).toEqual([false, true, false]);
});

test("answers for one destination do not mix with those for another", () => {
  const state = simulate({
    authorizationPolicies: [
      policy("none", { targetRefs: cart }),
      policy("l4", { selector: { matchLabels: { app: "x" } } }),
    ],
    peerAuthentications: [],
  });
  const at = (more: Partial<ServiceDestination>) => state.service({ ...behindWaypoint, ...more }, request).allowed;
  const labels = (app: string) => ({ workload: { ...workload, labels: { app } }, name: "other" });
  expect([at({}), at({ name: "other" }), at({}), at(labels("x")), at(labels("y")), at(labels("x"))]).toEqual([
    false,
    true,
    false,
    false,
    true,
    false,
  ]);
  const gateway = (name: string, namespace = "web") =>
    state.request({ namespace, name, gatewayClassName: "istio", labels: { app: "x" } }, request).allowed;
  expect([gateway("a"), gateway("a", "other"), gateway("a")]).toEqual([false, true, false]);
});

test("without a waypoint the agent sees the caller's address", () => {
  const { waypoint: _, ...direct } = behindWaypoint;
  const rules = [{ from: [{ source: { ipBlocks: ["10.0.1.0/24"] } }] }];
  expect(ask([policy("l4", { rules })], direct).allowed).toBe(true);
});

test("the root namespace is what the mesh says it is", () => {
  const everywhere = { metadata: { name: "deny-all", namespace: "mesh" }, spec: {} };
  const of = (rootNamespace?: string) =>
    simulate({
      authorizationPolicies: [everywhere],
      peerAuthentications: [],
      ...(rootNamespace && { rootNamespace }),
    }).service(behindWaypoint, request).allowed;
  expect([of("mesh"), of()]).toEqual([false, true]);
});
