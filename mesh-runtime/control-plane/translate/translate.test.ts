import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAllDocuments, stringify } from "yaml";
import { proxyConfigType } from "../../xds/codec.ts";
import { translate } from "./translate.ts";
import { waypointBound } from "./waypoint/service-status.ts";
import { facts, worldOf } from "./world.suite.ts";

/** All of a translation as plain data. */
function outcome(objects: readonly unknown[]) {
  const world = worldOf(objects);
  const result = translate(world, facts);
  const pruned = (record: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(record).filter(([, value]) => JSON.stringify(value) !== "{}"));
  const effects = Object.fromEntries(
    Object.entries(result.effects).map(([resource, conditions]) => [resource, Object.fromEntries(conditions)]),
  );
  return pruned({
    addresses: Object.fromEntries(
      [...result.addresses].map(([name, address]) => [
        name,
        address.kind === "workload" ? address.workload : address.service,
      ]),
    ),
    authorizations: Object.fromEntries(result.authorizations),
    proxyConfigs: Object.fromEntries(result.proxyConfigs),
    policies: Object.fromEntries(result.policies.map((policy) => [policy.key, result.policyConditions(policy)])),
    gateways: Object.fromEntries(result.gateways),
    routes: Object.fromEntries(
      result.routes.map(({ meshRoute, parents }) => [
        meshRoute.key,
        parents.map(({ ref, conditions }, index) => ({
          parentRef: ref.written,
          conditions: [...conditions, result.routeEffects(meshRoute.key)[index]].filter((one) => one !== undefined),
        })),
      ]),
    ),
    services: Object.fromEntries(
      [...world.services.keys()].flatMap((key) => {
        const conditions = [waypointBound(result.bindings.ofService(key)), result.guards.get(key)].filter(
          (one) => one !== undefined,
        );
        return conditions.length === 0 ? [] : [[key, conditions]];
      }),
    ),
    outside: pruned(
      Object.fromEntries(
        [...result.outside].map(([name, outside]) => [
          name,
          outside.kind === "destination" ? outside.destination : outside.mode === "ALLOW_ANY" ? {} : outside.mode,
        ]),
      ),
    ),
    serviceEntries: pruned(Object.fromEntries(result.entries)),
    effects: pruned(effects),
  });
}

const folder = new URL("testdata/", import.meta.url);
const cases = readdirSync(folder)
  .filter((file) => file.endsWith(".in.yaml"))
  .map((file) => file.slice(0, -".in.yaml".length))
  .sort();

describe("translation", () => {
  it.each(cases)("%s", (name) => {
    const source = readFileSync(new URL(`${name}.in.yaml`, folder), "utf8");
    const purpose = source.split("\n")[0] ?? "";
    expect(purpose).toMatch(/^# \S/);
    const objects = parseAllDocuments(source).map((document): unknown => document.toJS());
    const actual = `${purpose}\n${stringify(outcome(objects), { lineWidth: 0, aliasDuplicateObjects: false })}`;
    const golden = new URL(`${name}.out.yaml`, folder);
    if (process.env["UPDATE_GOLDEN"] === "1") {
      writeFileSync(golden, actual);
    }
    expect(actual).toBe(readFileSync(golden, "utf8"));
  });

  it.each(cases)("gives proxies what they can read: %s", (name) => {
    const source = readFileSync(new URL(`${name}.in.yaml`, folder), "utf8");
    const { proxyConfigs } = translate(worldOf(parseAllDocuments(source).map((document) => document.toJS())), facts);
    for (const { config } of proxyConfigs.values()) {
      expect(proxyConfigType.decode(proxyConfigType.encode(config))).toEqual({ value: config });
    }
  });

  it("is the same whatever the order in which objects came", () => {
    for (const name of cases) {
      const objects = parseAllDocuments(readFileSync(new URL(`${name}.in.yaml`, folder), "utf8")).map(
        (document): unknown => document.toJS(),
      );
      const sorted = (value: unknown) =>
        JSON.stringify(value, (_key, inner: unknown) =>
          typeof inner === "object" && inner !== null && !Array.isArray(inner)
            ? Object.fromEntries(Object.entries(inner).sort())
            : inner,
        );
      expect(sorted(outcome(objects.toReversed()))).toBe(sorted(outcome(objects)));
    }
  });

  it("never throws, whatever the objects hold", () => {
    const kinds = [
      "Namespace",
      "Node",
      "Pod",
      "Service",
      "AuthorizationPolicy",
      "PeerAuthentication",
      "Gateway",
      "HTTPRoute",
      "GatewayClass",
      "GRPCRoute",
      "ReferenceGrant",
      "DestinationRule",
      "VirtualService",
      "RequestAuthentication",
      "Telemetry",
      "RateLimitPolicy",
      "ServiceEntry",
      "Secret",
      "ConfigMap",
    ];
    const words = fc.constantFrom(
      "selector",
      "matchLabels",
      "rules",
      "from",
      "source",
      "principals",
      "to",
      "operation",
      "ports",
      "when",
      "key",
      "values",
      "action",
      "targetRefs",
      "kind",
      "name",
      "group",
      "mtls",
      "mode",
      "portLevelMtls",
      "listeners",
      "port",
      "protocol",
      "hostname",
      "allowedRoutes",
      "namespaces",
      "parentRefs",
      "backendRefs",
      "matches",
      "path",
      "type",
      "value",
      "headers",
      "filters",
      "timeouts",
      "request",
      "containers",
      "nodeName",
      "podIP",
      "podIPs",
      "ip",
      "conditions",
      "status",
      "clusterIP",
      "targetPort",
      "gatewayClassName",
      "ipBlocks",
      "sectionName",
    );
    const leaf = fc.oneof(
      fc.constantFrom(
        null,
        true,
        0,
        -1,
        80,
        1.5,
        "",
        "*",
        "a",
        "STRICT",
        "DENY",
        "istio",
        "Gateway",
        "1.2.3.4",
        "/a/{*}",
      ),
      fc.string(),
    );
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        leaf,
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(words, tie("tree"), { maxKeys: 5 }),
      ),
    }));
    const metadata = fc.record({
      name: fc.oneof(fc.constantFrom("a", "b"), tree),
      namespace: fc.oneof(fc.constantFrom("a", "istio-system"), tree),
      labels: fc.oneof(fc.constant({ app: "a" }), tree),
      annotations: tree,
      creationTimestamp: tree,
    });
    const object = fc.record({
      kind: fc.constantFrom(...kinds),
      metadata: fc.oneof({ weight: 5, arbitrary: metadata }, { weight: 1, arbitrary: tree }),
      spec: tree,
      status: tree,
    });
    fc.assert(
      fc.property(fc.array(object, { maxLength: 8 }), (objects) => {
        outcome(objects);
      }),
      { numRuns: 300 },
    );
  });
});
