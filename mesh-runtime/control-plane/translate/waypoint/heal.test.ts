import { describe, expect, it } from "vitest";
import { createTranslationMemory, translate } from "../translate.ts";
import { facts, worldOf } from "../world.suite.ts";
import { waypointBound } from "./service-status.ts";

const namespace = (labels: Record<string, string>) => ({ kind: "Namespace", metadata: { name: "default", labels } });
const bound = namespace({ "istio.io/use-waypoint": "waypoint" });
const className = {
  kind: "GatewayClass",
  metadata: { name: "istio-waypoint" },
  spec: { controllerName: "istio.io/mesh-controller" },
};
const gateway = (status: object = {}) => ({
  kind: "Gateway",
  metadata: { name: "waypoint", namespace: "default", generation: 1 },
  spec: {
    gatewayClassName: "istio-waypoint",
    listeners: [{ name: "mesh", port: 15008, protocol: "HBONE" }],
  },
  status,
});
const managed = { "gateway.istio.io/managed": "istio.io-mesh-controller" };
const gatewayService = {
  kind: "Service",
  metadata: { name: "waypoint", namespace: "default", labels: managed },
  spec: { clusterIP: "10.0.0.1", selector: { gw: "waypoint" }, ports: [{ name: "mesh", port: 15008 }] },
};
const gatewayPod = (ready: "True" | "False") => ({
  kind: "Pod",
  metadata: { name: "waypoint-1", namespace: "default", labels: { gw: "waypoint", ...managed } },
  spec: { nodeName: "node-a", containers: [] },
  status: { phase: "Running", podIP: "127.1.1.9", conditions: [{ type: "Ready", status: ready }] },
});
const service = {
  kind: "Service",
  metadata: { name: "httpbin", namespace: "default" },
  spec: { clusterIP: "10.0.0.2", selector: { app: "httpbin" }, ports: [{ name: "http", port: 8000 }] },
};
const policy = {
  kind: "AuthorizationPolicy",
  metadata: { name: "allow", namespace: "default", generation: 1 },
  spec: { targetRefs: [{ group: "", kind: "Service", name: "httpbin" }], rules: [{}] },
};
const route = {
  kind: "HTTPRoute",
  metadata: { name: "route", namespace: "default", generation: 1 },
  spec: {
    parentRefs: [{ group: "", kind: "Service", name: "httpbin" }],
    rules: [{ backendRefs: [{ name: "httpbin", port: 8000 }] }],
  },
};

/** One control plane that sees one state of the API after the other. */
function follow() {
  const memory = createTranslationMemory();
  return (...objects: readonly unknown[]) => {
    const world = worldOf(objects);
    const result = translate(world, facts, memory);
    const address = result.addresses.get("default/httpbin.default.svc.cluster.local");
    const [compiled] = result.policies;
    return {
      waypoint: address?.kind === "service" ? address.service.waypoint?.hostname : undefined,
      bound: waypointBound(result.bindings.ofService("default/httpbin")),
      policy:
        compiled === undefined ? [] : result.policyConditions(compiled).map(({ status, reason }) => [status, reason]),
      effect: result.routeEffects("HTTPRoute/default/route")[0]?.reason,
      served: result.proxyConfigs.get("default/waypoint")?.config.services.map((entry) => entry.service),
      config: result.proxyConfigs.get("default/waypoint")?.config,
    };
  };
}

describe("a waypoint's life", () => {
  it("binds with its first ready pod, holds without pods, and unbinds at once when it goes; nobody writes anything", () => {
    const see = follow();
    const always = [className, service, policy, route];

    const missing = see(bound, ...always);
    expect(missing).toMatchObject({
      waypoint: undefined,
      bound: { status: "False", reason: "WaypointIsNotReady", message: 'waypoint "default/waypoint" is not ready' },
      policy: [["False", "AncestorNotBound"]],
      effect: "NoWaypoint",
      served: undefined,
    });

    const coming = see(bound, ...always, gateway(), gatewayService, gatewayPod("False"));
    expect(coming).toMatchObject({ waypoint: undefined, bound: { reason: "WaypointIsNotReady" } });
    expect(coming.served, "it knows the service before anybody is sent to it").toEqual([
      "default/httpbin.default.svc.cluster.local",
    ]);

    const ready = see(bound, ...always, gateway(), gatewayService, gatewayPod("True"));
    expect(ready).toMatchObject({
      waypoint: "waypoint.default.svc.cluster.local",
      bound: {
        status: "True",
        reason: "WaypointAccepted",
        message: "Successfully attached to waypoint default/waypoint",
      },
      policy: [["True", "Accepted"]],
      effect: "Effective",
    });
    expect(ready.config, "nothing changed for the waypoint itself").toBe(coming.config);

    const remembered = gateway({ addresses: [{ type: "IPAddress", value: "10.0.0.1" }] });
    const alone = see(bound, ...always, remembered, gatewayService);
    expect(alone, "calls fail rather than pass it by").toMatchObject({
      waypoint: "waypoint.default.svc.cluster.local",
      policy: [["True", "Accepted"]],
    });
    const restarted = follow()(bound, ...always, remembered, gatewayService);
    expect(restarted.waypoint, "also for a control plane that has seen nothing else").toBe(alone.waypoint);

    const deleted = see(bound, ...always);
    expect(deleted).toEqual(missing);

    const unlabelled = see(namespace({}), ...always, remembered, gatewayService, gatewayPod("True"));
    expect(unlabelled).toMatchObject({
      waypoint: undefined,
      bound: undefined,
      policy: [["False", "AncestorNotBound"]],
      served: [],
    });
  });
});
