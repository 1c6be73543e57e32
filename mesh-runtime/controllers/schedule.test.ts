import { describe, expect, test } from "vitest";
import type { Node } from "../api/node.ts";
import type { Pod } from "../api/pod.ts";
import { choosePlacement } from "./schedule.ts";

const node = (name: string, zone: string, over: Partial<NonNullable<Node["spec"]>> & { ready?: string } = {}): Node => {
  const { ready = "True", ...spec } = over;
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: { "topology.kubernetes.io/region": "r1", "topology.kubernetes.io/zone": zone, disk: name },
    },
    spec,
    status: { conditions: [{ type: "Ready", status: ready as "True" }] },
  };
};

const pod = (name: string, owner: string, over: Partial<NonNullable<Pod["spec"]>> = {}): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name,
    namespace: "x",
    uid: name,
    ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name: owner, uid: owner, controller: true }],
  },
  spec: { containers: [{ name: "app" }], ...over },
});

const a = node("node-a", "r1-a");
const b = node("node-b", "r1-b");
const withHostPort = (port: number) => ({
  containers: [{ name: "app", ports: [{ containerPort: 1, hostIP: "127.0.0.1", hostPort: port }] }],
});

describe("choosePlacement", () => {
  test.each<[string, Pod, Node[], Pod[], string]>([
    ["takes the first of equal nodes", pod("p", "d"), [b, a], [], "node-a"],
    [
      "spreads the pods of one Deployment over zones",
      pod("p", "d"),
      [a, b],
      [pod("q", "d", { nodeName: "node-a" })],
      "node-b",
    ],
    [
      "spreads over zones before it spreads over nodes",
      pod("p", "d"),
      [a, node("node-a2", "r1-a"), b],
      [
        pod("q", "d", { nodeName: "node-a" }),
        pod("r", "e", { nodeName: "node-b" }),
        pod("s", "e", { nodeName: "node-b" }),
      ],
      "node-b",
    ],
    ["prefers the emptier node", pod("p", "d"), [a, b], [pod("q", "e", { nodeName: "node-a" })], "node-b"],
    ["follows the nodeSelector", pod("p", "d", { nodeSelector: { disk: "node-b" } }), [a, b], [], "node-b"],
    [
      "leaves out nodes that are not ready",
      pod("p", "d"),
      [node("node-a", "r1-a", { ready: "Unknown" }), b],
      [],
      "node-b",
    ],
    ["leaves out cordoned nodes", pod("p", "d"), [node("node-a", "r1-a", { unschedulable: true }), b], [], "node-b"],
    [
      "goes to a tainted node only with the toleration",
      pod("p", "d", { tolerations: [{ key: "gpu", operator: "Exists" }], nodeSelector: { disk: "node-a" } }),
      [node("node-a", "r1-a", { taints: [{ key: "gpu", effect: "NoSchedule" }] }), b],
      [],
      "node-a",
    ],
    [
      "does not count pods that are ending",
      pod("p", "d"),
      [a, b],
      [
        (() => {
          const old = pod("q", "d", { nodeName: "node-a" });
          return { ...old, metadata: { ...old.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } };
        })(),
        pod("r", "e", { nodeName: "node-b" }),
      ],
      "node-a",
    ],
  ])("%s", (_, waiting, nodes, pods, expected) => {
    expect(choosePlacement(waiting, nodes, pods).node).toBe(expected);
  });

  test("lets the pods of one Gateway share its host port, and those of another Gateway not", () => {
    const proxy = (name: string, gateway: string, over: Partial<NonNullable<Pod["spec"]>> = {}): Pod => {
      const made = pod(name, gateway, { ...withHostPort(8080), ...over });
      return { ...made, metadata: { ...made.metadata, labels: { "gateway.networking.k8s.io/gateway-name": gateway } } };
    };
    const holder = proxy("q", "ingress", { nodeName: "node-a" });
    expect(choosePlacement(proxy("p", "ingress"), [a, b], [holder]).node).toBe("node-b");
    expect(choosePlacement(proxy("p", "other"), [a, b], [holder]).node).toBeUndefined();
  });

  test("gives a host port to one pod of the machine, whatever the node", () => {
    const holder = pod("q", "d", { nodeName: "node-a", ...withHostPort(8080) });
    expect(choosePlacement(pod("p", "d", withHostPort(8080)), [a, b], [holder])).toEqual({
      node: undefined,
      message: "0/2 nodes are available: 2 node(s) didn't have free ports for the requested pod ports.",
    });
    expect(choosePlacement(pod("p", "d", withHostPort(8443)), [a, b], [holder]).node).toBe("node-b");
  });

  test("says why no node fits, reason by reason", () => {
    const nodes = [node("node-a", "r1-a", { ready: "False" }), node("node-b", "r1-b", { unschedulable: true })];
    expect(choosePlacement(pod("p", "d"), nodes, [])).toEqual({
      node: undefined,
      message: "0/2 nodes are available: 1 node(s) were not ready, 1 node(s) were unschedulable.",
    });
    expect(choosePlacement(pod("p", "d"), [], [])).toEqual({ node: undefined, message: "0/0 nodes are available." });
  });
});
