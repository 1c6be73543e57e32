import { describe, expect, it } from "vitest";
import { translate } from "../translate.ts";
import { facts, worldOf } from "../world.suite.ts";

const base = [
  { kind: "Namespace", metadata: { name: "ns", labels: { "istio.io/use-waypoint": "waypoint" } } },
  {
    kind: "Gateway",
    metadata: { name: "waypoint", namespace: "ns" },
    spec: { gatewayClassName: "istio-waypoint", listeners: [{ name: "mesh", port: 15008, protocol: "HBONE" }] },
    status: { addresses: [{ type: "IPAddress", value: "10.0.0.1" }] },
  },
  {
    kind: "Service",
    metadata: { name: "app", namespace: "ns" },
    spec: { clusterIP: "10.0.0.2", selector: { app: "app" }, ports: [{ name: "http", port: 80, targetPort: 8080 }] },
  },
];
const pod = (name = "app-1", captured = true) => ({
  kind: "Pod",
  metadata: {
    name,
    namespace: "ns",
    labels: { app: "app" },
    annotations: captured ? { "ambient.istio.io/redirection": "enabled" } : {},
  },
  spec: { nodeName: "node-a", containers: [] },
  status: { phase: "Running", podIP: "127.1.1.9", conditions: [{ type: "Ready", status: "True" }] },
});
let serial = 0;
const policy = (spec: object, namespace = "ns") => ({
  kind: "AuthorizationPolicy",
  metadata: { name: `p${serial++}`, namespace },
  spec,
});
const selector = { matchLabels: { app: "app" } };
const allow = (source: object, more: object = {}) => policy({ selector, rules: [{ from: [{ source }], ...more }] });
const waypoint = { serviceAccounts: ["ns/waypoint"] };
const strict = {
  kind: "PeerAuthentication",
  metadata: { name: "s", namespace: "ns" },
  spec: { mtls: { mode: "STRICT" } },
};

const verdict = (...objects: readonly unknown[]) =>
  translate(worldOf([...base, ...objects]), facts).guards.get("ns/app");

describe("a Service behind a waypoint", () => {
  it.each<[string, readonly unknown[], string]>([
    ["is guarded by an ALLOW for the waypoint alone", [pod(), allow(waypoint)], "GuardedByPolicy"],
    [
      "is guarded by its principal too",
      [pod(), allow({ principals: ["cluster.local/ns/ns/sa/waypoint"] })],
      "GuardedByPolicy",
    ],
    [
      "is guarded by an allow-nothing and one for the waypoint",
      [pod(), policy({}), allow(waypoint)],
      "GuardedByPolicy",
    ],
    [
      "is guarded by a DENY for everybody else",
      [
        pod(),
        policy({ selector, action: "DENY", rules: [{ from: [{ source: { notServiceAccounts: ["ns/waypoint"] } }] }] }),
      ],
      "GuardedByPolicy",
    ],
    ["is not without any policy", [pod()], "Bypassable"],
    ["is not by STRICT alone: any identity gets in", [pod(), strict], "Bypassable"],
    [
      "is not when a caller is allowed besides",
      [pod(), allow(waypoint), allow({ serviceAccounts: ["ns/other"] })],
      "Bypassable",
    ],
    [
      "is not when a namespace is allowed besides",
      [pod(), allow(waypoint), allow({ namespaces: ["other"] })],
      "Bypassable",
    ],
    [
      "is not when a prefix of identities is allowed",
      [pod(), allow({ principals: ["cluster.local/ns/ns/*"] })],
      "Bypassable",
    ],
    ["is not when any identity is allowed", [pod(), allow({ principals: ["*"] })], "Bypassable"],
    ["is not when an address is allowed", [pod(), allow(waypoint), allow({ ipBlocks: ["10.9.0.0/16"] })], "Bypassable"],
    [
      "is not when others are allowed at its port",
      [pod(), allow(waypoint), allow({ principals: ["*"] }, { to: [{ operation: { ports: ["8080"] } }] })],
      "Bypassable",
    ],
    [
      "is guarded when others are allowed at another port alone",
      [pod(), allow(waypoint), allow({ principals: ["*"] }, { to: [{ operation: { ports: ["9090"] } }] })],
      "GuardedByPolicy",
    ],
    ["is not while a pod is outside of the mesh", [pod(), pod("app-2", false), allow(waypoint)], "Bypassable"],
    [
      "is not by a guard with HTTP attributes for others",
      [
        pod(),
        allow(waypoint),
        allow({ serviceAccounts: ["ns/other"] }, { to: [{ operation: { ports: ["8080"], methods: ["GET"] } }] }),
      ],
      "GuardedByPolicy",
    ],
    [
      "tells when the waypoint itself is refused",
      [pod(), allow({ serviceAccounts: ["ns/nobody-else"] }), policy({ selector, action: "DENY", rules: [{}] })],
      "WaypointRefused",
    ],
    ["has nothing to guard without pods", [allow(waypoint)], "NoPods"],
  ])("%s", (_, objects, expected) => {
    expect(verdict(...objects)?.reason).toBe(expected);
  });

  it("names the pods, the ports and the next step", () => {
    const pods = Array.from({ length: 7 }, (_, index) => pod(`app-${index}`, index > 0));
    expect(verdict(...pods)).toEqual({
      type: "towpath.dev/WaypointEnforced",
      status: "False",
      reason: "Bypassable",
      message:
        "can be reached past the waypoint: pod ns/app-0 port 8080 (not in the mesh), pod ns/app-1 port 8080 (takes plain text), pod ns/app-2 port 8080 (takes plain text), pod ns/app-3 port 8080 (takes plain text), pod ns/app-4 port 8080 (takes plain text) and 2 more; add an ALLOW policy with a selector for these pods that names cluster.local/ns/ns/sa/waypoint alone",
    });
    expect(verdict(pod(), strict)?.message).toContain("takes any identity");
  });
});
