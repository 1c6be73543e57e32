import { describe, expect, test } from "vitest";
import type { MeshService, Workload } from "../xds/model.ts";
import { MeshView } from "./mesh-view.ts";
import { pod, serviceKey, upserts } from "./upstream/upstream-rig.suite.ts";

const waypointKey = "default/waypoint.default.svc.cluster.local";

const service = (more: Partial<MeshService> = {}): MeshService => ({
  name: "web",
  namespace: "default",
  hostname: "web.default.svc.cluster.local",
  addresses: ["10.96.0.1"],
  ports: [{ servicePort: 80, targetPort: 8080 }],
  ...more,
});

const services = (...all: MeshService[]) =>
  all.map((value) => ({
    name: `${value.namespace}/${value.hostname}`,
    value: { kind: "service" as const, service: value },
  }));

const viewOf = (kind: "gateway" | "waypoint", own: MeshService[], workloads: Workload[]) => {
  const view = new MeshView({ kind, now: () => 42 });
  view.apply([...services(...own), ...upserts(...workloads)], []);
  return view;
};

describe("endpoints", () => {
  const keys = (view: MeshView) =>
    view.endpoints(serviceKey, 80)?.map(({ workload: { name }, port, hbone }) => [name, port, hbone]);

  test("say where the tunnel leads, where the pod is and since when", () => {
    const view = viewOf("gateway", [service()], [pod("a1", { at: "r1/z1" })]);
    expect(view.endpoints(serviceKey, 80)).toMatchObject([
      {
        address: "10.0.0.1",
        port: 8080,
        hbone: true,
        target: "10.0.0.1:8080",
        identity: { trustDomain: "cluster.local", namespace: "default", serviceAccount: "web" },
        service: serviceKey,
        healthy: true,
        locality: { region: "r1", zone: "z1", subzone: "" },
        addedMs: 42,
      },
    ]);
  });

  test("an IPv6 address stands in brackets", () => {
    const view = viewOf("gateway", [service()], [pod("a1", { addresses: ["fd00::1"] })]);
    expect(view.endpoints(serviceKey, 80)?.[0]?.target).toBe("[fd00::1]:8080");
  });

  test("follow pods that come, change and go", () => {
    const view = viewOf("gateway", [service()], [pod("a1")]);
    const b = pod("b2", {
      services: { [serviceKey]: [{ servicePort: 80, targetPort: 9090 }] },
      tunnelProtocol: "NONE",
    });
    view.apply(upserts(b), [pod("a1").uid]);
    expect(keys(view)).toEqual([["b2", 9090, false]]);
    view.apply(upserts(pod("b2", { services: {} })), []);
    expect(keys(view)).toEqual([]);
    expect(view.counts).toEqual({ workloads: 1, services: 1 });
  });

  test("a pod without that port, or without an address, is none", () => {
    const view = viewOf(
      "gateway",
      [service()],
      [
        pod("a1", { services: { [serviceKey]: [{ servicePort: 80, targetPort: 0 }] } }),
        pod("b2", { addresses: [] }),
        pod("c3", { services: {} }),
      ],
    );
    expect(keys(view)).toEqual([]);
    expect(viewOf("gateway", [service()], [pod("a1")]).endpoints(serviceKey, 81)).toEqual([]);
  });

  test("a service that is gone has none, even while pods name it", () => {
    const view = viewOf("gateway", [service()], [pod("a1")]);
    view.apply([], [serviceKey]);
    expect(view.endpoints(serviceKey, 80)).toBeUndefined();
  });

  test("joining the mesh makes another one, so that no plain connection is kept in use", () => {
    const view = viewOf("gateway", [service()], [pod("a1", { tunnelProtocol: "NONE" })]);
    const before = view.endpoints(serviceKey, 80)?.[0]?.key;
    view.apply(upserts(pod("a1")), []);
    expect(view.endpoints(serviceKey, 80)?.[0]?.key).not.toBe(before);
  });

  test("stay the same array until something about them changes", () => {
    const view = viewOf("gateway", [service()], [pod("a1")]);
    const before = view.endpoints(serviceKey, 80);
    const { version } = view;
    view.apply(upserts(pod("b2", { services: {} })), []);
    expect(view.endpoints(serviceKey, 80)).toBe(before);
    expect(view.version).toBeGreaterThan(version);
    view.apply(upserts(pod("a1", { status: "UNHEALTHY" })), []);
    expect(view.endpoints(serviceKey, 80)).toMatchObject([{ healthy: false }]);
  });

  test("remember since when, however often they are told again", () => {
    let nowMs = 1;
    const view = new MeshView({ now: () => nowMs });
    view.apply([...services(service()), ...upserts(pod("a1"))], []);
    nowMs = 2;
    view.apply(upserts(pod("a1", { status: "UNHEALTHY" })), []);
    expect(view.endpoints(serviceKey, 80)?.[0]?.addedMs).toBe(1);
    view.apply([], [pod("a1").uid]);
    view.apply(upserts(pod("a1")), []);
    expect(view.endpoints(serviceKey, 80)?.[0]?.addedMs).toBe(2);
  });
});

describe("behind a waypoint", () => {
  const address = { namespace: "default", hostname: "waypoint.default.svc.cluster.local", port: 15008 };
  const behind = service({ waypoint: address, ingressUseWaypoint: true });
  const own = service({
    name: "waypoint",
    hostname: address.hostname,
    ports: [{ servicePort: 15008, targetPort: 15008 }],
  });
  const proxy = (name: string, more: Partial<Workload> = {}) =>
    pod(name, {
      serviceAccount: "waypoint",
      nativeTunnel: true,
      services: { [waypointKey]: [{ servicePort: 15008, targetPort: 15008 }] },
      ...more,
    });

  test("a gateway goes to the waypoint's pods, with the waypoint's identity, for the service", () => {
    const view = viewOf("gateway", [behind, own], [pod("a1"), proxy("w2"), proxy("w3", { status: "UNHEALTHY" })]);
    expect(view.endpoints(serviceKey, 80)).toMatchObject([
      {
        address: "10.0.0.2",
        port: 15008,
        target: "web.default.svc.cluster.local:80",
        hbone: true,
        identity: { serviceAccount: "waypoint" },
        service: serviceKey,
        healthy: true,
      },
      { address: "10.0.0.3", healthy: false },
    ]);
    expect(view.throughWaypoint(serviceKey)).toBe(true);
  });

  test("connections to two services through one pod are not shared", () => {
    const other = service({ ...behind, name: "other", hostname: "other.default.svc.cluster.local" });
    const view = viewOf("gateway", [behind, own, other], [proxy("w2")]);
    const keyOf = (key: string) => view.endpoints(key, 80)?.[0]?.key;
    expect(keyOf(serviceKey)).not.toBe(keyOf("default/other.default.svc.cluster.local"));
  });

  test.each([
    ["it has no pod", [behind, own], []],
    ["it is not known", [behind], [proxy("w2")]],
    ["its pod does not take HBONE", [behind, own], [proxy("w2", { tunnelProtocol: "NONE" })]],
  ])("nobody gets past it when %s", (_name, told, workloads) => {
    expect(viewOf("gateway", told, [pod("a1"), ...workloads]).endpoints(serviceKey, 80)).toEqual([]);
  });

  test("a port that the service does not have leads nowhere", () => {
    expect(viewOf("gateway", [behind, own], [proxy("w2")]).endpoints(serviceKey, 81)).toEqual([]);
  });

  test("a gateway goes straight to the pods unless the service asks for the waypoint", () => {
    const view = viewOf("gateway", [service({ waypoint: address }), own], [pod("a1"), proxy("w2")]);
    expect(view.endpoints(serviceKey, 80)).toMatchObject([{ target: "10.0.0.1:8080" }]);
    expect(view.throughWaypoint(serviceKey)).toBe(false);
  });

  test("a waypoint never goes through one", () => {
    const view = viewOf("waypoint", [behind, own], [pod("a1"), proxy("w2")]);
    expect(view.endpoints(serviceKey, 80)).toMatchObject([{ target: "10.0.0.1:8080" }]);
    view.become("gateway");
    expect(view.endpoints(serviceKey, 80)).toMatchObject([{ port: 15008 }]);
    view.become("waypoint");
    expect(view.endpoints(serviceKey, 80)).toMatchObject([{ port: 8080 }]);
  });

  test("its pods are followed", () => {
    const view = viewOf("gateway", [behind, own], [proxy("w2")]);
    expect(view.endpoints(serviceKey, 80)).toHaveLength(1);
    view.apply(upserts(proxy("w3")), []);
    expect(view.endpoints(serviceKey, 80)).toHaveLength(2);
    view.apply([], [proxy("w2").uid, proxy("w3").uid]);
    expect(view.endpoints(serviceKey, 80)).toEqual([]);
  });
});

describe("names", () => {
  test("a service is found by host name and by ClusterIP, until it is gone", () => {
    const view = viewOf("waypoint", [service()], []);
    expect(view.serviceByHostname("web.default.svc.cluster.local")?.name).toBe("web");
    expect(view.serviceAt("10.96.0.1")?.name).toBe("web");
    expect(view.serviceAt("10.96.0.2")).toBeUndefined();
    view.apply([], [serviceKey]);
    expect(view.serviceAt("10.96.0.1")).toBeUndefined();
    expect(view.serviceByHostname("web.default.svc.cluster.local")).toBeUndefined();
  });

  test("of two that claim one name it is always the same that has it", () => {
    const hosts = ["b", "a"].map((namespace) => service({ namespace, hostname: "shared.example" }));
    for (const order of [hosts, hosts.toReversed()]) {
      expect(viewOf("waypoint", order, []).serviceByHostname("shared.example")?.namespace).toBe("a");
    }
  });

  test("an address belongs to the pod that had it last", () => {
    const view = viewOf("waypoint", [], [pod("a1")]);
    view.apply(upserts(pod("b1")), []);
    expect(view.workloadAt("10.0.0.1")?.name).toBe("b1");
    view.apply([], [pod("a1").uid]);
    expect(view.workloadAt("10.0.0.1")?.name).toBe("b1");
    expect(view.workload(pod("b1").uid)?.name).toBe("b1");
  });

  test("a pod of its own has any of its ports", () => {
    const view = viewOf("waypoint", [], [pod("a1")]);
    expect(view.podEndpoint(pod("a1").uid, 9000)).toMatchObject({ target: "10.0.0.1:9000", service: "" });
    expect(view.podEndpoint("gone", 9000)).toBeUndefined();
  });
});
