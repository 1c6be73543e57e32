import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAllDocuments, stringify } from "yaml";
import { readGateway } from "./input/gateway.ts";
import { readHttpRoute } from "./input/http-route.ts";
import { fields, keyOf, readMeta, text } from "./input/lenient.ts";
import { readGatewayClass, readNamespace, readNode } from "./input/namespace.ts";
import { readPod } from "./input/pod.ts";
import { readAuthorizationPolicy, readPeerAuthentication } from "./input/policy.ts";
import { readService } from "./input/service.ts";
import type { MeshFacts, World } from "./input/world.ts";
import { policyConditions } from "./policy-status.ts";
import { translate } from "./translate.ts";

const facts: MeshFacts = { trustDomain: "cluster.local", clusterId: "Kubernetes", rootNamespace: "istio-system" };

/** A world out of API objects, as the watches would build it. */
function worldOf(objects: readonly unknown[]): World {
  const read = <T>(kind: string, reader: (object: unknown) => T): ReadonlyMap<string, T> =>
    new Map(
      objects
        .filter((object) => text(fields(object)["kind"]) === kind)
        .map((object) => [keyOf(readMeta(object)), reader(object)]),
    );
  return {
    namespaces: read("Namespace", readNamespace),
    nodes: read("Node", readNode),
    pods: read("Pod", readPod),
    services: read("Service", readService),
    authorizationPolicies: read("AuthorizationPolicy", readAuthorizationPolicy),
    peerAuthentications: read("PeerAuthentication", readPeerAuthentication),
    gateways: read("Gateway", readGateway),
    gatewayClasses: read("GatewayClass", readGatewayClass),
    httpRoutes: read("HTTPRoute", readHttpRoute),
  };
}

/** All of a translation as plain data. */
function outcome(objects: readonly unknown[]) {
  const world = worldOf(objects);
  const result = translate(world, facts);
  const pruned = (record: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(record).filter(([, value]) => JSON.stringify(value) !== "{}"));
  return pruned({
    addresses: Object.fromEntries(
      [...result.addresses].map(([name, address]) => [
        name,
        address.kind === "workload" ? address.workload : address.service,
      ]),
    ),
    authorizations: Object.fromEntries(result.authorizations),
    proxyConfigs: Object.fromEntries(result.proxyConfigs),
    policies: Object.fromEntries(result.policies.map((policy) => [policy.key, policyConditions(policy, world, facts)])),
    gateways: Object.fromEntries(result.gateways),
    routes: Object.fromEntries(result.routes.map(({ input, parents }) => [keyOf(input), parents])),
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
