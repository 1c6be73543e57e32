import { describe, expect, test } from "vitest";
import type { Rendered } from "@/server/golden-paths/resource.ts";
import { refOf } from "@/server/golden-paths/resource.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { orderSteps, type Step } from "./order.ts";

const object = (kind: string, name: string, spec?: unknown, labels?: Record<string, string>): Rendered => ({
  apiVersion: "v1",
  kind,
  metadata: {
    name,
    ...(kind === "Namespace" ? {} : { namespace: "default" }),
    ...(labels === undefined ? {} : { labels }),
  },
  ...(spec === undefined ? {} : { spec }),
});
const comes = (after: Rendered, before?: Rendered): Step => ({ ref: refOf(after), before, after });
const goes = (before: Rendered): Step => ({ ref: refOf(before), before, after: undefined });
const inverse = ({ ref, before, after }: Step): Step => ({ ref, before: after, after: before });

const selector = { matchLabels: { app: "httpbin" } };
const atService = [{ kind: "Service", name: "httpbin" }];
const policy = (name: string, spec: object) => object("AuthorizationPolicy", name, spec);
const callers = policy("httpbin-callers", { selector, rules: [{}] });
const guard = policy("httpbin-only-waypoint", { selector, rules: [{}] });
const waypointCallers = policy("httpbin-waypoint-callers", { targetRefs: atService, rules: [{}] });
const blocked = policy("httpbin-blocked", { selector, action: "DENY", rules: [{}] });
const waypointBlocked = policy("httpbin-waypoint-blocked", { targetRefs: atService, action: "DENY", rules: [{}] });
const denyAll = policy("deny-all", {});
const denyAllWaypoint = policy("deny-all-waypoint", { targetRefs: [{ kind: "Gateway", name: "waypoint" }] });
const gateway = object("Gateway", "waypoint", { gatewayClassName: "istio-waypoint", listeners: [{ name: "mesh" }] });
const replicas = object("Deployment", "waypoint", { replicas: 2 });
const [free, bound] = [
  object("Namespace", "default", undefined, { "istio.io/dataplane-mode": "ambient" }),
  object("Namespace", "default", undefined, {
    "istio.io/dataplane-mode": "ambient",
    "istio.io/use-waypoint": "waypoint",
  }),
];
const route = object("HTTPRoute", "httpbin", { rules: [] });
const virtual = object("VirtualService", "httpbin", { http: [] });
const version = object("Service", "httpbin-v2", {});
const tokens = object("RequestAuthentication", "httpbin-sign-in", {});
const signedIn = policy("httpbin-signed-in", { targetRefs: atService, action: "DENY", rules: [{}] });
const strict = object("PeerAuthentication", "strict", { mtls: { mode: "STRICT" } });

/** Names in the order of writing; `-` for what goes. */
function written(steps: readonly Step[], live: readonly Rendered[] = []): string[] {
  const inventory = { authorizationPolicies: live } as unknown as Pick<Inventory, "authorizationPolicies">;
  return orderSteps(steps, inventory).map(
    ({ ref, after }) => `${after === undefined ? "-" : ""}${ref.kind === "Namespace" ? "Namespace" : ref.name}`,
  );
}

describe("the order of writing", () => {
  const giving: readonly Step[] = [
    goes(callers),
    goes(blocked),
    comes(bound, free),
    comes(denyAllWaypoint),
    comes(waypointBlocked),
    comes(guard),
    comes(replicas),
    comes(waypointCallers),
    comes(gateway),
  ];

  test("of a waypoint that comes: it, what it enforces, who may reach the pods, the label, and only then the old rules go", () => {
    expect(written(giving, [callers, denyAll])).toEqual([
      "waypoint",
      "waypoint",
      ...["httpbin-only-waypoint", "httpbin-waypoint-callers", "deny-all-waypoint", "httpbin-waypoint-blocked"],
      "Namespace",
      ...["-httpbin-blocked", "-httpbin-callers"],
    ]);
  });

  test("of a waypoint that goes: the old rules, the label, then what it enforced, itself last", () => {
    const taking = giving.map(inverse).filter(({ ref }) => ref.kind !== "Deployment");
    const order = written(taking, [guard, waypointCallers, denyAll]);
    expect(order.slice(0, 2)).toEqual(["httpbin-callers", "Namespace"]);
    expect(order.at(-1)).toBe("-waypoint");
    for (const rule of ["-httpbin-only-waypoint", "-httpbin-waypoint-callers", "-deny-all-waypoint"]) {
      expect(order.indexOf(rule)).toBeGreaterThan(order.indexOf("Namespace"));
    }
  });

  test("lets the waypoint through a block before calls come that way, and shuts it out when none do", () => {
    const [shut, through] = [blocked, policy("httpbin-blocked", { selector, action: "DENY", rules: [{ from: [] }] })];
    const steps = [comes(through, shut), comes(bound, free), comes(gateway)];
    expect(written(steps)).toEqual(["waypoint", "httpbin-blocked", "Namespace"]);
    expect(written(steps.map(inverse))).toEqual(["Namespace", "httpbin-blocked", "-waypoint"]);
  });

  test("keeps pods open that were open until calls go through the waypoint", () => {
    const order = written([comes(guard), comes(bound, free), comes(waypointCallers), comes(gateway)]);
    expect(order).toEqual(["waypoint", "httpbin-waypoint-callers", "Namespace", "httpbin-only-waypoint"]);
  });

  test.each<[string, Step[], string[]]>([
    ["callers are let in before the lock", [comes(denyAll), comes(callers)], ["httpbin-callers", "deny-all"]],
    ["the lock is lifted before callers go", [goes(callers), goes(denyAll)], ["-deny-all", "-httpbin-callers"]],
    [
      "a lock that moves is never open in between",
      [goes(denyAll), comes(policy("deny-others", {}))],
      ["deny-others", "-deny-all"],
    ],
    ["a route comes before the VirtualService goes", [goes(virtual), comes(route)], ["httpbin", "-httpbin"]],
    ["versions come before the route", [comes(route), comes(version)], ["httpbin-v2", "httpbin"]],
    ["versions go after the route", [goes(version), goes(route)], ["-httpbin", "-httpbin-v2"]],
    [
      "tokens are read before they are asked for",
      [comes(signedIn), comes(tokens)],
      ["httpbin-sign-in", "httpbin-signed-in"],
    ],
    [
      "tokens are asked for no more before they are not read",
      [goes(tokens), goes(signedIn)],
      ["-httpbin-signed-in", "-httpbin-sign-in"],
    ],
    ["plain text is refused after pods joined", [comes(strict), comes(bound, free)], ["Namespace", "strict"]],
    ["plain text is taken again before pods leave", [goes(strict), comes(free, bound)], ["-strict", "Namespace"]],
  ])("%s", (_rule, steps, order) => {
    expect(written(steps)).toEqual(order);
    expect(written(steps.toReversed())).toEqual(order);
  });
});
