import { describe, expect, test } from "vitest";
import { compilePeerAuthentications, peerAuthenticationKeys } from "./compile-peer-authentication.ts";
import type { PeerAuthenticationResource } from "./resource.ts";
import { simulate } from "./simulate.ts";

type Mode = "STRICT" | "PERMISSIVE" | "DISABLE" | "UNSET" | undefined;

const labels = { app: "web" };
const authentication = (
  namespace: string,
  mode: Mode,
  {
    selected = false,
    ports,
    name = "default",
    created,
  }: { selected?: boolean; ports?: Record<string, Mode>; name?: string; created?: string } = {},
): PeerAuthenticationResource => ({
  metadata: { name, namespace, creationTimestamp: created },
  spec: {
    ...(mode === undefined ? {} : { mtls: { mode } }),
    ...(selected ? { selector: { matchLabels: labels } } : {}),
    ...(ports === undefined
      ? {}
      : { portLevelMtls: Object.fromEntries(Object.entries(ports).map(([port, m]) => [port, { mode: m }])) }),
  },
});

/** Whether plain text gets in at 8080 and 9090 of a workload in `web`. */
const plainText = (resources: readonly PeerAuthenticationResource[]): [at8080: boolean, at9090: boolean] => {
  const simulation = simulate({ authorizationPolicies: [], peerAuthentications: resources });
  const at = (destinationPort: number): boolean =>
    simulation.connection(
      { namespace: "web", labels },
      { sourceIp: "10.0.0.1", destinationIp: "10.0.0.2", destinationPort },
    ).allowed;
  return [at(8080), at(9090)];
};

describe("who lets plain text in", () => {
  const root = "istio-system";
  const mine = (mode: Mode, ports?: Record<string, Mode>) =>
    authentication("web", mode, { selected: true, name: "own", ...(ports === undefined ? {} : { ports }) });
  const table: [name: string, resources: PeerAuthenticationResource[], at8080: boolean, at9090: boolean][] = [
    ["nothing said", [], true, true],
    ["mesh STRICT", [authentication(root, "STRICT")], false, false],
    ["mesh PERMISSIVE", [authentication(root, "PERMISSIVE")], true, true],
    ["mesh UNSET", [authentication(root, "UNSET")], true, true],
    ["namespace STRICT", [authentication("web", "STRICT")], false, false],
    ["another namespace STRICT", [authentication("other", "STRICT")], true, true],
    [
      "mesh STRICT, namespace PERMISSIVE",
      [authentication(root, "STRICT"), authentication("web", "PERMISSIVE")],
      true,
      true,
    ],
    ["mesh STRICT, namespace DISABLE", [authentication(root, "STRICT"), authentication("web", "DISABLE")], true, true],
    ["mesh STRICT, namespace UNSET", [authentication(root, "STRICT"), authentication("web", undefined)], false, false],
    ["mesh STRICT, workload PERMISSIVE", [authentication(root, "STRICT"), mine("PERMISSIVE")], true, true],
    ["mesh STRICT, workload UNSET", [authentication(root, "STRICT"), mine(undefined)], false, false],
    ["workload STRICT", [mine("STRICT")], false, false],
    [
      "a selector that picks another workload",
      [{ ...mine("STRICT"), spec: { selector: { matchLabels: { app: "x" } }, mtls: { mode: "STRICT" } } }],
      true,
      true,
    ],
    ["workload STRICT but 9090", [mine("STRICT", { 9090: "PERMISSIVE" })], false, true],
    ["workload STRICT, 9090 DISABLE stays STRICT", [mine("STRICT", { 9090: "DISABLE" })], false, false],
    ["workload STRICT, 9090 UNSET", [mine("STRICT", { 9090: "UNSET" })], false, false],
    [
      "workload UNSET but 9090, under STRICT",
      [authentication(root, "STRICT"), mine(undefined, { 9090: "PERMISSIVE" })],
      false,
      true,
    ],
    ["workload UNSET, 9090 STRICT, under nothing", [mine(undefined, { 9090: "STRICT" })], true, false],
    ["workload PERMISSIVE, 9090 STRICT", [mine("PERMISSIVE", { 9090: "STRICT" })], true, false],
    // istiod 1.29 loses this one: the workload names a policy that is never sent.
    [
      "mesh STRICT, workload PERMISSIVE, 9090 STRICT",
      [authentication(root, "STRICT"), mine("PERMISSIVE", { 9090: "STRICT" })],
      true,
      false,
    ],
    [
      "mesh STRICT, namespace PERMISSIVE, 9090 STRICT",
      [authentication(root, "STRICT"), authentication("web", "PERMISSIVE"), mine(undefined, { 9090: "STRICT" })],
      true,
      false,
    ],
    [
      "a selector in the root namespace is for nobody",
      [authentication(root, "STRICT", { selected: true })],
      true,
      true,
    ],
    [
      "the oldest of two counts",
      [
        authentication("web", "STRICT", { name: "b", created: "2026-01-02T00:00:00Z" }),
        authentication("web", "PERMISSIVE", { name: "a", created: "2026-01-03T00:00:00Z" }),
      ],
      false,
      false,
    ],
    [
      "by name when they are of the same age",
      [authentication("web", "STRICT", { name: "b" }), authentication("web", "PERMISSIVE", { name: "a" })],
      true,
      true,
    ],
  ];

  test.each(table)("%s", (_name, resources, at8080, at9090) => {
    expect(plainText(resources)).toEqual([at8080, at9090]);
    expect(plainText(resources.toReversed())).toEqual([at8080, at9090]);
  });

  test("every key that a workload names is compiled", () => {
    for (const [, resources] of table) {
      const known = compilePeerAuthentications(resources).map(({ namespace, name }) => `${namespace}/${name}`);
      expect(known).toEqual(expect.arrayContaining(peerAuthenticationKeys(resources, { namespace: "web", labels })));
    }
  });
});

test("STRICT is Istio's static policy", () => {
  const resources = [authentication("web", "STRICT")];
  expect(compilePeerAuthentications(resources)).toEqual([
    {
      name: "istio_converted_static_strict",
      namespace: "istio-system",
      scope: "WORKLOAD_SELECTOR",
      action: "DENY",
      dryRun: false,
      groups: [{ rules: [{ matches: [{ notPrincipals: [{ kind: "presence" }] }] }] }],
    },
  ]);
  expect(peerAuthenticationKeys(resources, { namespace: "web", labels })).toEqual([
    "istio-system/istio_converted_static_strict",
  ]);
});

test("a port exception is a converted policy instead of the static one", () => {
  const resources = [
    authentication("web", "STRICT", { selected: true, name: "plain-9090", ports: { 9090: "PERMISSIVE" } }),
  ];
  expect(compilePeerAuthentications(resources)[1]).toMatchObject({
    name: "converted_peer_authentication_plain-9090",
    namespace: "web",
    groups: [
      {
        rules: [
          { matches: [{ notPrincipals: [{ kind: "presence" }] }] },
          { matches: [{ notDestinationPorts: [9090] }] },
        ],
      },
    ],
  });
  expect(peerAuthenticationKeys(resources, { namespace: "web", labels })).toEqual([
    "web/converted_peer_authentication_plain-9090",
  ]);
});

test("nothing is sent while there is no PeerAuthentication", () => {
  expect(compilePeerAuthentications([])).toEqual([]);
});
