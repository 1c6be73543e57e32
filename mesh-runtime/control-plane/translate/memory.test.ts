import { describe, expect, it } from "vitest";
import { proxyConfigType } from "../../xds/codec.ts";
import { createTranslationMemory, translate } from "./translate.ts";
import { facts, worldOf } from "./world.suite.ts";

const names = ["a", "b", "c"];
const service = (name: string, port = 80) => ({
  kind: "Service",
  metadata: { name, namespace: "ns" },
  spec: { clusterIP: `10.0.0.${name.charCodeAt(0)}`, selector: { app: name }, ports: [{ name: "http", port }] },
});
const pod = (name: string, ready: "True" | "False" = "True") => ({
  kind: "Pod",
  metadata: { name, namespace: "ns", labels: { app: name } },
  spec: { nodeName: "node-a", containers: [] },
  status: { phase: "Running", podIP: `127.0.0.${name.charCodeAt(0)}`, conditions: [{ type: "Ready", status: ready }] },
});
const route = (name: string, path = "/") => ({
  kind: "HTTPRoute",
  metadata: { name, namespace: "ns" },
  spec: {
    parentRefs: [{ group: "", kind: "Service", name }],
    rules: [{ matches: [{ path: { value: path } }], backendRefs: [{ name, port: 80 }] }],
  },
});
const breaker = (name: string, errors = 5) => ({
  kind: "DestinationRule",
  metadata: { name, namespace: "ns" },
  spec: { host: name, trafficPolicy: { outlierDetection: { consecutive5xxErrors: errors } } },
});
const policy = (name: string, method = "GET") => ({
  kind: "AuthorizationPolicy",
  metadata: { name, namespace: "ns" },
  spec: { targetRefs: [{ group: "", kind: "Service", name }], rules: [{ to: [{ operation: { methods: [method] } }] }] },
});
const issuer = (name: string, at = "https://issuer.example") => ({
  kind: "RequestAuthentication",
  metadata: { name, namespace: "ns" },
  spec: { targetRefs: [{ group: "", kind: "Service", name }], jwtRules: [{ issuer: at, jwks: '{"keys":[]}' }] },
});
const virtual = (timeout = "1s") => ({
  kind: "VirtualService",
  metadata: { name: "c", namespace: "ns" },
  spec: { hosts: ["c"], http: [{ timeout, route: [{ destination: { host: "c" } }] }] },
});
const base = [
  { kind: "Namespace", metadata: { name: "ns", labels: { "istio.io/use-waypoint": "waypoint" } } },
  {
    kind: "Gateway",
    metadata: { name: "waypoint", namespace: "ns" },
    spec: { gatewayClassName: "istio-waypoint", listeners: [{ name: "mesh", port: 15008, protocol: "HBONE" }] },
    status: { addresses: [{ type: "IPAddress", value: "10.0.0.1" }] },
  },
  ...names.flatMap((name) => [service(name), pod(name), breaker(name), policy(name), issuer(name)]),
  route("a"),
  route("b"),
  virtual(),
];
const differs = (object: { kind: string; metadata: { name: string } }) =>
  base.map((former) =>
    former.kind === object.kind && former.metadata.name === object.metadata.name ? object : former,
  );

/** What is a new object after a change: parts of the waypoint's configuration and addresses. */
function changedBy(objects: readonly unknown[]): readonly string[] {
  const memory = createTranslationMemory();
  const before = translate(worldOf(base), facts, memory);
  const after = translate(worldOf(objects), facts, memory);
  const configs = [before, after].map(({ proxyConfigs }) => proxyConfigs.get("ns/waypoint")?.config);
  const [former, latter] = configs;
  const fresh = <T>(a: readonly T[] | undefined, b: readonly T[] | undefined, nameOf: (item: T) => string): string[] =>
    (b ?? []).filter((item) => !a?.includes(item)).map(nameOf);
  return [
    ...(former === latter ? [] : ["config"]),
    ...fresh(former?.services, latter?.services, (item) => `service ${item.service[3]}`),
    ...fresh(former?.clusters, latter?.clusters, ({ key }) => `cluster ${key[3]}`),
    ...[...after.addresses].filter(([name, address]) => before.addresses.get(name) !== address).map(([name]) => name),
  ];
}

describe("a part that proxies could not read", () => {
  it("closes its own service, says so, and keeps nothing else from being told", () => {
    const many = Array.from({ length: 2_000 }, (_, at) => ({ issuer: `https://${at}.example`, jwks: '{"keys":[]}' }));
    const { spec, ...rest } = issuer("b");
    const broken = { ...rest, spec: { ...spec, jwtRules: many } };
    const memory = createTranslationMemory();
    const see = (objects: readonly unknown[]) => {
      const result = translate(worldOf(objects), facts, memory);
      const config = result.proxyConfigs.get("ns/waypoint")?.config;
      return { closed: names.map((name) => result.closed(`ns/${name}`)?.reason), config };
    };
    const { closed, config } = see(differs(broken));
    expect(closed).toEqual([undefined, "Invalid", undefined]);
    expect(config?.services.map(({ authorizations }) => authorizations[0]?.name)).toEqual(["a", "unreadable", "c"]);
    expect(config?.services[1]).toMatchObject({ jwtRules: [], authorizations: [{ action: "DENY" }] });
    if (config !== undefined) {
      expect(proxyConfigType.decode(proxyConfigType.encode(config))).toHaveProperty("value");
    }
    expect(see(base).closed).toEqual([undefined, undefined, undefined]);
  });
});

describe("an update", () => {
  it.each<[string, readonly unknown[], readonly string[]]>([
    ["nothing", base, []],
    ["one route", differs(route("a", "/x")), ["config", "service a"]],
    ["one policy", differs(policy("b", "POST")), ["config", "service b"]],
    ["one issuer", differs(issuer("b", "https://other.example")), ["config", "service b"]],
    ["one VirtualService", differs(virtual("2s")), ["config", "service c"]],
    ["one DestinationRule", differs(breaker("c", 7)), ["config", "cluster c"]],
    ["one pod", differs(pod("a", "False")), ["Kubernetes//Pod/ns/a"]],
    ["a policy written anew without a difference", differs(policy("b")), []],
  ])("of %s makes anew what shows it and nothing else", (_, objects, expected) => {
    expect(changedBy(objects)).toEqual(expected);
  });

  it("takes everything that refers to a changed Service along", () => {
    const changed = changedBy(differs(service("a", 81)));
    expect(changed).toEqual(expect.arrayContaining(["config", "service a", "cluster a", "ns/a.ns.svc.cluster.local"]));
    expect(changed).not.toContain("service b");
    expect(changed).not.toContain("cluster b");
  });
});
