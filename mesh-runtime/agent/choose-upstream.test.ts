import { describe, expect, test } from "vitest";
import type { MeshService, Workload } from "../xds/model.ts";
import { chooseUpstream, isHostAddress, type UpstreamQuery } from "./choose-upstream.ts";
import { MeshState } from "./mesh-state.ts";
import { service, workload } from "./test-node.suite.ts";

function mesh(...resources: (Workload | MeshService)[]): MeshState {
  const state = new MeshState();
  state.applyAddresses({
    upserted: resources.map((resource) =>
      "uid" in resource
        ? { name: resource.uid, value: { kind: "workload", workload: resource } }
        : { name: `${resource.namespace}/${resource.hostname}`, value: { kind: "service", service: resource } },
    ),
    removed: [],
    initial: true,
  });
  return state;
}

const query = (host: string, patch: Partial<UpstreamQuery> = {}): UpstreamQuery => ({
  host,
  port: 80,
  callerNamespace: "shop",
  callerInMesh: true,
  openRequests: () => 0,
  random: () => 0,
  ...patch,
});

const hbone = { tunnelProtocol: "HBONE" } as const;
const cart = workload("cart", "127.240.1.10", { namespace: "shop", ...hbone });
const pay = workload("pay", "127.240.1.11", { namespace: "money" });
const cartService = { ...service("cart", "shop"), addresses: ["10.96.0.1"] };
const world = mesh(cart, pay, cartService, service("pay", "money"));

describe("where a name leads", () => {
  test.each([
    ["cart", "Kubernetes//Pod/shop/cart"],
    ["CART", "Kubernetes//Pod/shop/cart"],
    ["cart.shop", "Kubernetes//Pod/shop/cart"],
    ["cart.shop.svc", "Kubernetes//Pod/shop/cart"],
    ["cart.shop.svc.cluster.local", "Kubernetes//Pod/shop/cart"],
    ["cart.shop.svc.cluster.local.", "Kubernetes//Pod/shop/cart"],
    ["pay.money", "Kubernetes//Pod/money/pay"],
    ["10.96.0.1", "Kubernetes//Pod/shop/cart"],
  ])("%s is the workload %s at its target port", (host, uid) => {
    expect(chooseUpstream(world, query(host))).toMatchObject({ kind: "workload", workload: { uid }, port: 8080 });
  });

  test.each([
    ["pay", "no-such-service"],
    ["nobody.shop", "no-such-service"],
    ["nobody.nowhere.svc", "no-such-service"],
    ["pod-0.cart.shop.svc.cluster.local", "no-such-service"],
    ["localhost", "forbidden-destination"],
    ["x.localhost", "forbidden-destination"],
    ["127.0.0.1", "forbidden-destination"],
    ["127.240.0.1", "forbidden-destination"],
    ["127.240.1.99", "forbidden-destination"],
    ["0.0.0.0", "forbidden-destination"],
    ["::1", "forbidden-destination"],
    ["::", "forbidden-destination"],
    ["::ffff:127.0.0.1", "forbidden-destination"],
    ["::ffff:7f00:1", "forbidden-destination"],
  ])("%s is refused: %s", (host, code) => {
    expect(chooseUpstream(world, query(host))).toMatchObject({ kind: "refused", code });
  });

  test.each(["example.com", "api.example.com", "money.example", "8.8.8.8", "2001:db8::1"])(
    "%s is the outside world",
    (host) => {
      expect(chooseUpstream(world, query(host))).toMatchObject({ kind: "external", host, port: 80 });
    },
  );

  test("a pod's address leads to the pod, at the port that was named", () => {
    expect(chooseUpstream(world, query("127.240.1.10", { port: 9090 }))).toMatchObject({
      kind: "workload",
      service: undefined,
      port: 9090,
    });
  });

  test.each([15000, 15001, 15006, 15008, 15012, 15014])("port %d of a pod is the proxy's, and closed", (port) => {
    expect(chooseUpstream(world, query("127.240.1.10", { port }))).toMatchObject({ code: "port-not-exposed" });
  });

  test.each([
    ["localhost", 8080, { kind: "self", port: 31000 }],
    ["127.0.0.1", 31000, { kind: "self", port: 31000 }],
    ["localhost", 9090, { kind: "refused", code: "forbidden-destination" }],
    ["127.0.0.1", 5432, { kind: "refused", code: "forbidden-destination" }],
  ])("%s:%d is the caller itself or nobody", (host, port, expected) => {
    const ownPorts = [{ port: 8080, appPort: 31000 }];
    expect(chooseUpstream(world, query(host, { port, ownPorts }))).toMatchObject(expected);
  });

  test("a port that the service does not have is named", () => {
    expect(chooseUpstream(world, query("cart", { port: 81 }))).toMatchObject({
      code: "port-not-exposed",
      message: "service cart.shop.svc.cluster.local has no port 81, only 80",
    });
  });
});

describe("how it goes there", () => {
  test.each([
    { caller: true, destination: "HBONE", protocol: "HBONE" },
    { caller: true, destination: "NONE", protocol: "PLAIN" },
    { caller: false, destination: "HBONE", protocol: "PLAIN" },
    { caller: false, destination: "NONE", protocol: "PLAIN" },
  ] as const)("caller in mesh $caller, destination $destination: $protocol", (row) => {
    const state = mesh({ ...cart, tunnelProtocol: row.destination }, cartService);
    expect(chooseUpstream(state, query("cart", { callerInMesh: row.caller }))).toMatchObject({
      protocol: row.protocol,
    });
  });
});

describe("which endpoint", () => {
  const second = workload("cart-2", "127.240.1.12", { namespace: "shop", services: cart.services });
  const uid = (state: MeshState, patch: Partial<UpstreamQuery>): unknown => {
    const upstream = chooseUpstream(state, query("cart", patch));
    return upstream.kind === "workload" ? upstream.workload.uid : upstream;
  };

  test("the one with the fewest open requests", () => {
    const state = mesh(cart, second, cartService);
    expect(uid(state, { openRequests: (id) => (id === cart.uid ? 3 : 1) })).toBe(second.uid);
    expect(uid(state, { openRequests: (id) => (id === cart.uid ? 0 : 1) })).toBe(cart.uid);
  });

  test("equals are drawn evenly", () => {
    const state = mesh(cart, second, { ...second, uid: "third", addresses: ["127.240.1.13"] }, cartService);
    const counts = new Map<unknown, number>();
    for (let index = 0; index < 3_000; index += 1) {
      const chosen = uid(state, { random: Math.random });
      counts.set(chosen, (counts.get(chosen) ?? 0) + 1);
    }
    expect(counts.size).toBe(3);
    for (const count of counts.values()) {
      expect(count).toBeGreaterThan(800);
    }
  });

  test("never an unhealthy one, nor one that was tried", () => {
    const state = mesh({ ...cart, status: "UNHEALTHY" }, second, cartService);
    expect(uid(state, {})).toBe(second.uid);
    expect(uid(state, { exclude: new Set([second.uid]) })).toMatchObject({ code: "no-healthy-endpoint" });
  });

  test("a target port that differs between pods comes from the workload", () => {
    const key = "shop/cart.shop.svc.cluster.local";
    const named = { ...cartService, ports: [{ servicePort: 80, targetPort: 0 }] };
    const own = { ...cart, services: { [key]: [{ servicePort: 80, targetPort: 3000 }] } };
    const none = { ...second, services: { [key]: [{ servicePort: 80, targetPort: 0 }] } };
    expect(chooseUpstream(mesh(own, named), query("cart"))).toMatchObject({ port: 3000 });
    expect(chooseUpstream(mesh(none, named), query("cart"))).toMatchObject({ code: "no-healthy-endpoint" });
  });

  test("the workload of a service that went away is no endpoint any more", () => {
    const state = mesh(cart, second, cartService);
    state.applyAddresses({ upserted: [], removed: [second.uid], initial: false });
    expect(uid(state, { exclude: new Set([cart.uid]) })).toMatchObject({ code: "no-healthy-endpoint" });
  });
});

test("an address that moved to a new pod stays with it when the old pod goes", () => {
  const state = mesh(cart);
  const heir = { ...cart, uid: "heir" };
  state.applyAddresses({
    upserted: [{ name: "heir", value: { kind: "workload", workload: heir } }],
    removed: [],
    initial: false,
  });
  state.applyAddresses({ upserted: [], removed: [cart.uid], initial: false });
  expect(state.workloadByAddress("127.240.1.10")).toBe(heir);
});

test.each([
  ["10.0.0.1", false],
  ["::ffff:10.0.0.1", false],
  ["fe80::1", false],
  ["0:0:0:0:0:0:0:1", true],
  ["127.1.2.3", true],
])("%s is this host: %s", (address, expected) => {
  expect(isHostAddress(address)).toBe(expected);
});

describe("through a waypoint", () => {
  const waypoint = { namespace: "shop", hostname: "waypoint.shop.svc.cluster.local", port: 15008 };
  const behind = { ...cartService, waypoint };
  const proxy = (name: string, address: string, patch: Partial<Workload> = {}): Workload => ({
    ...workload(name, address, { namespace: "shop", ...hbone }),
    nativeTunnel: true,
    services: { "shop/waypoint.shop.svc.cluster.local": [{ servicePort: 15008, targetPort: 15008 }] },
    ...patch,
  });
  const waypointService: MeshService = {
    ...service("waypoint", "shop"),
    addresses: [],
    ports: [{ servicePort: 15008, targetPort: 15008 }],
  };
  const one = proxy("waypoint-1", "127.240.1.20");
  const state = mesh(cart, behind, waypointService, one);

  test.each(["cart", "cart.shop", "10.96.0.1"])("%s is reached at the waypoint, which is told the service", (host) => {
    expect(chooseUpstream(state, query(host))).toMatchObject({
      workload: { uid: one.uid },
      service: { name: "cart" },
      protocol: "HBONE",
      authority: "cart.shop.svc.cluster.local:80",
    });
  });

  test("a pod's own address passes by a waypoint that is for services", () => {
    expect(chooseUpstream(state, query("127.240.1.10", { port: 8080 }))).toMatchObject({
      workload: { uid: cart.uid },
      authority: "127.240.1.10:8080",
    });
  });

  test("a pod's own address goes through a waypoint that is for workloads", () => {
    const bound = mesh({ ...cart, waypoint }, cartService, waypointService, one);
    expect(chooseUpstream(bound, query("127.240.1.10", { port: 8080 }))).toMatchObject({
      workload: { uid: one.uid },
      authority: "127.240.1.10:8080",
    });
  });

  test("without a healthy pod of the waypoint nobody gets to the service", () => {
    const down = mesh(cart, behind, waypointService, { ...one, status: "UNHEALTHY" });
    expect(chooseUpstream(down, query("cart"))).toMatchObject({ code: "no-healthy-endpoint" });
    expect(chooseUpstream(mesh(cart, behind), query("cart"))).toMatchObject({ code: "no-healthy-endpoint" });
  });

  test("a waypoint's pod that cannot speak HBONE is not used", () => {
    const plain = mesh(cart, behind, waypointService, { ...one, tunnelProtocol: "NONE" });
    expect(chooseUpstream(plain, query("cart"))).toMatchObject({ code: "no-healthy-endpoint" });
  });

  test("a caller outside of the mesh goes straight to the pod in plain text", () => {
    expect(chooseUpstream(state, query("cart", { callerInMesh: false }))).toMatchObject({
      workload: { uid: cart.uid },
      protocol: "PLAIN",
    });
  });

  test("requests are spread over the waypoint's pods by what is open", () => {
    const two = proxy("waypoint-2", "127.240.1.21");
    const pair = mesh(cart, behind, waypointService, one, two);
    const openRequests = (uid: string): number => (uid === one.uid ? 3 : 1);
    expect(chooseUpstream(pair, query("cart", { openRequests }))).toMatchObject({ workload: { uid: two.uid } });
  });

  test("the waypoint itself is nobody's destination, but its metrics are", () => {
    expect(chooseUpstream(state, query("waypoint.shop", { port: 15008 }))).toMatchObject({ code: "port-not-exposed" });
    expect(chooseUpstream(state, query("127.240.1.20", { port: 8080 }))).toMatchObject({ code: "port-not-exposed" });
    expect(chooseUpstream(state, query("127.240.1.20", { port: 15020 }))).toMatchObject({ protocol: "PLAIN" });
  });
});
