import { describe, expect, test } from "vitest";
import { chooseBackend } from "./choose-backend.ts";
import { chooseEndpoint } from "./choose-endpoint.ts";
import { serviceKey, workload } from "./gateway-rig.suite.ts";
import { type Endpoint, MeshView } from "./mesh-view.ts";

describe("backends", () => {
  const backend = (service: string, weight: number) => ({ service, port: 80, weight });
  const choose = (weights: number[], random: number) =>
    chooseBackend(
      weights.map((weight, index) => backend(String(index), weight)),
      random,
    )?.service;

  test.each([
    [[90, 10], 0, "0"],
    [[90, 10], 0.899, "0"],
    [[90, 10], 0.9, "1"],
    [[90, 10], 0.999, "1"],
    [[0, 1], 0, "1"],
    [[1], 0.5, "0"],
    [[0], 0.5, undefined],
    [[0, 0], 0.5, undefined],
    [[], 0.5, undefined],
  ])("weights %j at %d: %s", (weights, random, expected) => {
    expect(choose(weights, random)).toBe(expected);
  });
});

describe("endpoints", () => {
  const endpoint = (key: string, healthy = true): Endpoint => ({
    key,
    address: "10.0.0.1",
    port: 80,
    hbone: true,
    identity: { trustDomain: "cluster.local", namespace: "default", serviceAccount: "web" },
    workload: workload(key, 80),
    service: serviceKey,
    target: "10.0.0.1:80",
    locality: { region: "", zone: "", subzone: "" },
    addedMs: 0,
    healthy,
  });
  const load =
    (loads: Record<string, number>) =>
    ({ key }: Endpoint) =>
      loads[key] ?? 0;
  const none = new Set<string>();

  test("the less loaded of two", () => {
    const two = [endpoint("a"), endpoint("b")];
    for (const random of [0, 0.99]) {
      expect(chooseEndpoint(two, load({ a: 3, b: 1 }), none, () => random)?.key).toBe("b");
    }
  });

  test("never an unhealthy one, nothing when all are", () => {
    expect(chooseEndpoint([endpoint("a", false), endpoint("b")], load({ b: 9 }), none, () => 0)?.key).toBe("b");
    expect(chooseEndpoint([endpoint("a", false)], load({}), none, () => 0)).toBeUndefined();
    expect(chooseEndpoint([endpoint("a", false), endpoint("b", false)], load({}), none, () => 0)).toBeUndefined();
    expect(chooseEndpoint([], load({}), none, () => 0)).toBeUndefined();
  });

  test("another than those tried, as long as there is one", () => {
    const two = [endpoint("a"), endpoint("b")];
    expect(chooseEndpoint(two, load({ b: 9 }), new Set(["a"]), () => 0)?.key).toBe("b");
    expect(chooseEndpoint(two, load({}), new Set(["a", "b"]), () => 0)).toBeDefined();
  });
});

describe("the mesh as the control plane tells it", () => {
  const service = {
    name: "web",
    namespace: "default",
    hostname: "web.default.svc.cluster.local",
    addresses: [],
    ports: [],
  };
  const told = (...workloads: ReturnType<typeof workload>[]) => {
    const view = new MeshView();
    view.apply(
      [
        { name: serviceKey, value: { kind: "service", service } },
        ...workloads.map((value) => ({ name: value.uid, value: { kind: "workload" as const, workload: value } })),
      ],
      [],
    );
    return view;
  };
  const keys = (view: MeshView) =>
    view.endpoints(serviceKey, 80)?.map(({ workload: { name }, port, hbone }) => [name, port, hbone]);

  test("endpoints follow workloads that come, change and go", () => {
    const view = told(workload("a", 8080));
    expect(keys(view)).toEqual([["a", 8080, false]]);
    const b = workload("b", 9090, { tunnelProtocol: "HBONE" });
    view.apply([{ name: b.uid, value: { kind: "workload", workload: b } }], [workload("a", 1).uid]);
    expect(keys(view)).toEqual([["b", 9090, true]]);
    expect(view.counts).toEqual({ workloads: 1, services: 1 });
  });

  test("a workload without that port, or without an address, is no endpoint", () => {
    expect(
      keys(told(workload("a", 0), workload("b", 80, { addresses: [] }), workload("c", 80, { services: {} }))),
    ).toEqual([]);
    expect(told(workload("a", 80)).endpoints(serviceKey, 81)).toEqual([]);
  });

  test("a service that is gone has no endpoints, even while workloads name it", () => {
    const view = told(workload("a", 80));
    view.apply([], [serviceKey]);
    expect(view.endpoints(serviceKey, 80)).toBeUndefined();
  });

  test("joining the mesh makes another endpoint, so that no plain connection is kept in use", () => {
    const view = told(workload("a", 80));
    const before = view.endpoints(serviceKey, 80)?.[0]?.key;
    const joined = workload("a", 80, { tunnelProtocol: "HBONE" });
    view.apply([{ name: joined.uid, value: { kind: "workload", workload: joined } }], []);
    expect(view.endpoints(serviceKey, 80)?.[0]?.key).not.toBe(before);
  });

  test("an address belongs to the workload that had it last", () => {
    const view = told(workload("a", 80));
    const b = workload("b", 80);
    view.apply([{ name: b.uid, value: { kind: "workload", workload: b } }], []);
    view.apply([], [workload("a", 80).uid]);
    expect(view.workloadAt("127.0.0.1")?.name).toBe("b");
  });
});
