import { describe, expect, test } from "vitest";
import type { Outside, OutsideDestination } from "../xds/outside.ts";
import { outsideType } from "../xds/outside-type.ts";
import { chooseOutside } from "./choose-outside.ts";
import { chooseUpstream, type UpstreamQuery } from "./choose-upstream.ts";
import { MeshState } from "./mesh-state.ts";
import { OutsideDestinations } from "./outside-destinations.ts";
import { service, workload } from "./test-node.suite.ts";

const destination = (host: string, more: Partial<OutsideDestination> = {}): OutsideDestination => ({
  namespace: "egress",
  name: host.replace("*.", "wild-"),
  host,
  addresses: [],
  ports: [80],
  missingWaypoint: "",
  visibleTo: [],
  createdAtMs: 0,
  endpoints: [],
  ...more,
});

function outsideOf(mode: "ALLOW_ANY" | "REGISTRY_ONLY", ...destinations: OutsideDestination[]): OutsideDestinations {
  const resources: Outside[] = [
    { kind: "policy", mode },
    ...destinations.map((one) => ({ kind: "destination" as const, destination: one })),
  ];
  const state = new OutsideDestinations();
  state.apply({
    upserted: resources.map((value) => ({ name: outsideType.name(value), value })),
    removed: [],
    initial: true,
  });
  return state;
}

const waypoint = { namespace: "egress", hostname: "egress.egress.svc.cluster.local", port: 15008 };
const mesh = new MeshState();
mesh.applyAddresses({
  upserted: [
    {
      name: "pod",
      value: {
        kind: "workload",
        workload: workload("egress", "127.240.1.20", {
          uid: "pod",
          tunnelProtocol: "HBONE",
          nativeTunnel: true,
          services: { "egress/egress.egress.svc.cluster.local": [{ servicePort: 15008, targetPort: 15008 }] },
        }),
      },
    },
    { name: "egress/egress.egress.svc.cluster.local", value: { kind: "service", service: service("egress") } },
    { name: "shop/cart.shop.svc.cluster.local", value: { kind: "service", service: service("cart", "shop") } },
  ],
  removed: [],
  initial: true,
});

const choose = (outside: OutsideDestinations, host: string, patch: Partial<UpstreamQuery> = {}) => {
  const query: UpstreamQuery = {
    host,
    port: 80,
    callerNamespace: "shop",
    callerInMesh: true,
    openRequests: () => 0,
    random: () => 0,
    ...patch,
  };
  return chooseOutside(mesh, outside, query, chooseUpstream(mesh, query));
};

const notListed = { kind: "refused", code: "destination-not-listed" };

describe("a host that a ServiceEntry lists", () => {
  const bound = destination("api.example.com", { waypoint, addresses: ["240.240.0.1", "2001:2::1"] });

  test.each(["api.example.com", "API.example.com.", "240.240.0.1", "2001:2::1"])(
    "%s goes through its waypoint, which is told the name",
    (host) => {
      expect(choose(outsideOf("ALLOW_ANY", bound), host)).toMatchObject({
        kind: "workload",
        workload: { uid: "pod" },
        service: { hostname: "api.example.com" },
        protocol: "HBONE",
        authority: "api.example.com:80",
      });
    },
  );

  test("is not reached past a waypoint without pods", () => {
    const gone = { ...waypoint, hostname: "nobody.egress.svc.cluster.local" };
    expect(choose(outsideOf("ALLOW_ANY", { ...bound, waypoint: gone }), "api.example.com")).toMatchObject({
      kind: "refused",
      code: "no-healthy-endpoint",
    });
  });

  test("is not reached past its waypoint at another port", () => {
    expect(choose(outsideOf("ALLOW_ANY", bound), "api.example.com", { port: 81 })).toMatchObject({
      kind: "refused",
      code: "port-not-exposed",
    });
  });

  test("goes straight there when no waypoint is named", () => {
    expect(choose(outsideOf("REGISTRY_ONLY", destination("a.example")), "a.example")).toEqual({
      kind: "external",
      host: "a.example",
      port: 80,
    });
  });

  test("goes to the endpoint that is named, at its port", () => {
    const there = destination("a.example", { endpoints: [{ host: "127.0.0.1", ports: { 80: 8080 } }] });
    expect(choose(outsideOf("ALLOW_ANY", there), "a.example")).toMatchObject({
      kind: "external",
      host: "a.example",
      endpoint: { host: "127.0.0.1", port: 8080 },
    });
  });

  test.each([
    ["ALLOW_ANY", "external"],
    ["REGISTRY_ONLY", "refused"],
  ] as const)("with a waypoint that never was ready and %s is %s", (mode, kind) => {
    const waiting = destination("a.example", { missingWaypoint: "egress/late" });
    expect(choose(outsideOf(mode, waiting), "a.example")).toMatchObject({ kind });
  });

  test("never stands in for a Service", () => {
    const thief = destination("cart.shop", { waypoint });
    expect(choose(outsideOf("ALLOW_ANY", thief), "cart.shop")).toMatchObject({ code: "no-healthy-endpoint" });
    expect(choose(outsideOf("ALLOW_ANY", thief), "cart.shop")).not.toMatchObject({ kind: "workload" });
  });

  test("may look like a name of the mesh when there is no such Service", () => {
    expect(choose(outsideOf("ALLOW_ANY", destination("ledger.shop", { waypoint })), "ledger.shop")).toMatchObject({
      authority: "ledger.shop:80",
    });
  });
});

describe("where only listed destinations may be called", () => {
  const listed = outsideOf(
    "REGISTRY_ONLY",
    destination("a.example"),
    destination("*.b.example"),
    destination("net.example", { addresses: ["198.51.100.0/24", "2001:db8::/32"] }),
    destination("own.example", { visibleTo: ["money"] }),
  );

  test.each(["a.example", "x.b.example", "y.x.b.example", "198.51.100.7", "2001:db8::7"])("%s is called", (host) => {
    expect(choose(listed, host)).toMatchObject({ kind: "external" });
  });

  test.each(["b.example", "example", "c.example", "xa.example", "198.51.101.7", "8.8.8.8", "own.example"])(
    "%s is refused",
    (host) => {
      const code = host === "example" ? "no-such-service" : "destination-not-listed";
      expect(choose(listed, host)).toMatchObject({ kind: "refused", code });
    },
  );

  test("another port than the listed one is refused", () => {
    expect(choose(listed, "a.example", { port: 443 })).toMatchObject(notListed);
  });

  test("a namespace sees what is exported to it", () => {
    expect(choose(listed, "own.example", { callerNamespace: "money" })).toMatchObject({ kind: "external" });
  });

  test("a pod outside of the mesh is not judged by the mesh", () => {
    expect(choose(listed, "c.example", { callerInMesh: false })).toMatchObject({ kind: "external" });
  });

  test("Services are called as before", () => {
    expect(choose(listed, "cart")).toMatchObject({ code: "no-healthy-endpoint" });
  });
});

describe("of several entries with one host", () => {
  const entry = (namespace: string, createdAtMs: number, ports = [80]) =>
    destination("a.example", { namespace, name: namespace, createdAtMs, ports });
  const found = (...entries: OutsideDestination[]) => outsideOf("ALLOW_ANY", ...entries).find("a.example", 80, "shop");

  test("the oldest is used", () => {
    expect(found(entry("new", 2), entry("old", 1))).toMatchObject({ namespace: "old" });
  });

  test("the caller's own namespace comes first", () => {
    expect(found(entry("old", 1), entry("shop", 2))).toMatchObject({ namespace: "shop" });
  });

  test("one that lists the port comes before all", () => {
    expect(found(entry("shop", 1, [443]), entry("old", 2))).toMatchObject({ namespace: "old" });
  });

  test("an exact host comes before a wildcard", () => {
    const outside = outsideOf("ALLOW_ANY", destination("*.example"), destination("a.example", { createdAtMs: 9 }));
    expect(outside.find("a.example", 80, "shop")).toMatchObject({ host: "a.example" });
  });
});

test("what is removed is forgotten", () => {
  const outside = outsideOf("REGISTRY_ONLY", destination("a.example"));
  outside.apply({ upserted: [], removed: ["egress/a.example/a.example", "mesh"], initial: false });
  expect([outside.find("a.example", 80, "shop"), outside.mode]).toEqual([undefined, "ALLOW_ANY"]);
});
