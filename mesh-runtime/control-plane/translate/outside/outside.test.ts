import fc from "fast-check";
import { expect, it } from "vitest";
import { createTranslationMemory, translate } from "../translate.ts";
import { facts, worldOf } from "../world.suite.ts";

const gateway = (name: string, ready: boolean) => ({
  kind: "Gateway",
  metadata: { name, namespace: "out" },
  spec: {
    gatewayClassName: "istio-waypoint",
    listeners: [{ name: "mesh", port: 15008, protocol: "HBONE", allowedRoutes: { namespaces: { from: "All" } } }],
  },
  ...(ready ? { status: { addresses: [{ type: "IPAddress", value: "10.0.0.1" }] } } : {}),
});

const entry = fc.record({
  kind: fc.constant("ServiceEntry"),
  metadata: fc.record({
    name: fc.constantFrom("a", "b", "c"),
    namespace: fc.constantFrom("out", "shop"),
    creationTimestamp: fc.constantFrom("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"),
    labels: fc.constantFrom(
      {},
      { "istio.io/use-waypoint": "one", "istio.io/use-waypoint-namespace": "out" },
      { "istio.io/use-waypoint": "two", "istio.io/use-waypoint-namespace": "out" },
    ),
  }),
  spec: fc.record({
    hosts: fc.subarray(["a.example", "b.example", "*.example", "a.shop.svc.cluster.local"], { minLength: 1 }),
    resolution: fc.constantFrom("DNS", "STATIC", "NONE"),
    ports: fc.subarray([
      { number: 80, name: "http" },
      { number: 443, name: "tls", protocol: "TLS" },
    ]),
    endpoints: fc.constantFrom([], [{ address: "10.1.1.1", ports: { http: 8080 } }]),
    exportTo: fc.constantFrom([], ["."], ["~"], ["*"]),
  }),
});
const policy = fc.record({
  kind: fc.constant("AuthorizationPolicy"),
  metadata: fc.record({ name: fc.constantFrom("p", "q"), namespace: fc.constantFrom("out", "shop") }),
  spec: fc.record({
    targetRefs: fc.constantFrom(
      [{ group: "networking.istio.io", kind: "ServiceEntry", name: "a" }],
      [{ group: "networking.istio.io", kind: "ServiceEntry", name: "b" }],
      [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "one" }],
    ),
    rules: fc.constantFrom([], [{}], [{ to: [{ operation: { methods: ["GET"] } }] }]),
  }),
});
const mode = fc.constantFrom("ALLOW_ANY", "REGISTRY_ONLY").map((value) => ({
  kind: "ConfigMap",
  metadata: { name: "istio", namespace: "istio-system" },
  data: { mesh: `outboundTrafficPolicy: {mode: ${value}}` },
}));
const gateways = fc.tuple(fc.boolean(), fc.boolean()).map(([one, two]) => [gateway("one", one), gateway("two", two)]);
const keyOf = ({ metadata }: { metadata: { name: string; namespace: string } }) =>
  `${metadata.namespace}/${metadata.name}`;
/** Worlds that have most of their objects in common. */
const states = fc
  .tuple(
    fc.uniqueArray(entry, { minLength: 1, maxLength: 4, selector: keyOf }),
    fc.uniqueArray(policy, { maxLength: 3, selector: keyOf }),
  )
  .chain(([entries, policies]) =>
    fc.array(
      fc
        .tuple(fc.subarray(entries), fc.subarray(policies), mode, gateways)
        .map(([some, rules, config, waypoints]) => [...some, ...rules, config, ...waypoints]),
      { minLength: 2, maxLength: 4 },
    ),
  );

it("is the same with what a former translation remembers as without", { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(states, (worlds) => {
      const memory = createTranslationMemory();
      // Objects that stay the same between two states are the same inputs, as the watches have it.
      const known = new Map<string, object>();
      for (const objects of worlds) {
        const inputs = objects.map((object) => {
          const text = JSON.stringify(object);
          const same = known.get(text) ?? object;
          known.set(text, same);
          return same;
        });
        const world = worldOf(inputs);
        const [remembering, fresh] = [translate(world, facts, memory), translate(world, facts)];
        expect(remembering.outside).toEqual(fresh.outside);
        expect(remembering.entries).toEqual(fresh.entries);
        expect(remembering.proxyConfigs).toEqual(fresh.proxyConfigs);
      }
    }),
    { numRuns: 200 },
  );
});

it("gives each host and port of a waypoint to one entry, so that no policy is overtaken", () => {
  fc.assert(
    fc.property(states, ([objects = []]) => {
      for (const { config } of translate(worldOf(objects), facts).proxyConfigs.values()) {
        const places = config.services.flatMap(({ service, ports }) =>
          ports.map(({ port }) => `${service.slice(service.indexOf("/") + 1)}:${port}`),
        );
        expect(new Set(places).size).toBe(places.length);
        expect(places.filter((place) => place.includes(".svc.cluster.local"))).toEqual([]);
      }
    }),
  );
});
