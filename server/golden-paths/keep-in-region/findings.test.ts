import { describe, expect, test } from "vitest";
import type { Inventory } from "@/server/inventory/model.ts";
import type { Intent } from "../intent.ts";
import {
  codesOf,
  fillHistory,
  historyInventory,
  intentFor,
  type Situation,
} from "../service-routes/sample-service.suite.ts";

const onNodes = (change: (node: Inventory["nodes"][number]) => Inventory["nodes"][number]): Situation => {
  const inventory = historyInventory();
  return { inventory: { ...inventory, nodes: inventory.nodes.map(change) } };
};
const allInOne = onNodes((node) => ({ ...node, region: "r1" }));
const noWaypointThere = "warning waypoint-not-in-region";

/** Pods of the waypoint on the first and the last node. */
const waypointEverywhere = (): Situation => {
  const inventory = historyInventory();
  const waypoint = inventory.pods.filter(
    ({ labels }) => labels["gateway.networking.k8s.io/gateway-name"] === "waypoint",
  );
  return {
    inventory: { ...inventory, pods: [...inventory.pods, ...waypoint.map((pod) => ({ ...pod, node: "node-c" }))] },
  };
};

describe("keep in region", () => {
  test.each<[string, Situation, string[]]>([
    ["the waypoint is in one region only", {}, [noWaypointThere]],
    ["the waypoint is in both", waypointEverywhere(), []],
    ["there is one region", allInOne, []],
    ["no node says where it is", onNodes((node) => ({ ...node, region: "" })), ["error rule-without-effect"]],
    [
      "a region without pods of the service",
      onNodes((node) => ({ ...node, region: node.name === "node-b" ? "r3" : node.region })),
      ["warning no-pods-in-region service", noWaypointThere],
    ],
    ["zones are alike then", { ...allInOne, intents: [intentFor("prefer-the-zone")] }, ["info rule-shadowed"]],
  ])("%s", (_what, situation, expected) => {
    expect(codesOf(fillHistory("keep-in-region", {}, situation))).toEqual(expected);
  });

  test("the waypoint gets a pod for each region, and never fewer than it has", () => {
    const { findings } = fillHistory("keep-in-region");
    expect(findings[0]).toMatchObject({
      place: "Gateway purchase-history/waypoint",
      path: { slug: "give-a-waypoint", values: { namespaces: ["purchase-history"], replicas: 2, given: true } },
    });
    const given: Intent = { slug: "give-a-waypoint", namespace: "purchase-history", replicas: 3 };
    const more = fillHistory("keep-in-region", {}, { intents: [given] });
    expect(more.findings[0]?.path?.values).toMatchObject({ replicas: 3 });
  });
});

describe("prefer the zone", () => {
  const on = (spec: object): Situation => {
    const sample = historyInventory();
    const services = sample.objects.services.map((service) =>
      service.metadata?.name === "purchase-history" ? { ...service, spec: { ...service.spec, ...spec } } : service,
    );
    return { inventory: { ...sample, objects: { ...sample.objects, services } } };
  };
  test.each<[string, Record<string, unknown>, Situation, string[]]>([
    ["pods are in several zones", {}, {}, []],
    [
      "all pods are in one zone",
      {},
      onNodes((node) => ({ ...node, region: "r1", zone: "z" })),
      ["info rule-without-effect service"],
    ],
    [
      "the Service wants its node and nothing else",
      {},
      on({ internalTrafficPolicy: "Local" }),
      ["error rule-shadowed near"],
    ],
    [
      "the Service's own field goes before nodes",
      { near: "node" },
      on({ trafficDistribution: "PreferClose" }),
      ["error rule-shadowed near"],
    ],
    [
      "a field that is ours gives way",
      { near: "node" },
      { ...on({ trafficDistribution: "PreferClose" }), intents: [intentFor("prefer-the-zone")] },
      [],
    ],
    ["the region is kept", {}, { intents: [intentFor("keep-in-region")] }, ["info rule-shadowed near"]],
  ])("%s", (_what, values, situation, expected) => {
    expect(codesOf(fillHistory("prefer-the-zone", values, situation))).toEqual(expected);
  });

  test("says who chooses the pod", () => {
    const without = historyInventory({ waypoint: "default" });
    expect(fillHistory("prefer-the-zone", {}, { inventory: without }).sentence).toContain("in the caller's zone");
    expect(fillHistory("prefer-the-zone").sentence).toContain("in the waypoint's zone");
  });

  test("needs no waypoint", () => {
    const inventory = historyInventory({ waypoint: "default" });
    const filled = fillHistory("prefer-the-zone", {}, { inventory });
    expect([codesOf(filled), filled.plan.changes.map(({ key }) => key)]).toEqual([
      [],
      ["prefer-the-zone/purchase-history/purchase-history"],
    ]);
  });
});
