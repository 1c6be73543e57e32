import { expect, test } from "vitest";
import { findService } from "@/server/inventory/model.ts";
import { type SampleOptions, sampleInventory } from "@/server/inventory/sample.suite.ts";
import { appliedPolicies } from "@/server/policies/describe.ts";
import { waypointState } from "./waypoint-state.ts";

const condition = (type: string, status: string, reason: string, message: string) => ({
  type,
  status,
  reason,
  message,
});
const enforced = (status: string, reason: string, message: string) => ({
  serviceConditions: [condition("towpath.dev/WaypointEnforced", status, reason, message)],
});
const inventoryOf = (sample: SampleOptions) => sampleInventory({ enrolled: ["default"], ...sample });

function httpbin(sample: SampleOptions) {
  const inventory = inventoryOf(sample);
  const service = findService(inventory, { namespace: "default", name: "httpbin" });
  return { inventory, service: service as NonNullable<typeof service> };
}
const state = (sample: SampleOptions) => {
  const { inventory, service } = httpbin(sample);
  return waypointState(service, inventory);
};

test("a service without a waypoint says nothing", () => {
  expect(state({})).toBeNull();
});

test.each([
  [enforced("True", "GuardedByPolicy", "guarded by default/x"), "guarded", ""],
  [enforced("False", "Bypassable", "can be reached past"), "open", "can be reached past"],
  [enforced("True", "WaypointRefused", "its own calls are refused"), "guarded", "its own calls are refused"],
  [{}, "unknown", ""],
] as const)("%j: %s", (sample, way, text) => {
  expect(state({ waypoint: "default", ...sample })).toEqual({
    waypoint: "default/waypoint",
    way,
    text,
    pods: 1,
    readyPods: 1,
  });
});

test("a policy for the service is enforced by its waypoint, and by nobody without one", () => {
  const authorizationPolicies = [
    {
      metadata: { namespace: "default", name: "l7" },
      spec: {
        targetRefs: [{ group: "", kind: "Service", name: "httpbin" }],
        rules: [{ to: [{ operation: { methods: ["GET"] } }] }],
      },
    },
  ];
  const applied = (sample: SampleOptions) => {
    const { inventory, service } = httpbin({ authorizationPolicies, ...sample });
    return appliedPolicies(service, inventory);
  };
  expect(applied({ waypoint: "default" })).toMatchObject([
    { scope: "service", effect: "allow", enforcedBy: ["waypoint"], sentence: "Lets anyone in (GET)." },
  ]);
  expect(applied({})[0]?.enforcedBy).toEqual([]);
  expect(applied({})[0]?.enforcedText).toContain("istio.io/use-waypoint");
});

test("a rule about requests at an agent is said to be stricter than written", () => {
  const { inventory, service } = httpbin({
    waypoint: "default",
    authorizationPolicies: [
      {
        metadata: { namespace: "default", name: "wrong-place" },
        spec: { selector: { matchLabels: { app: "httpbin" } }, rules: [{ to: [{ operation: { paths: ["/a"] } }] }] },
      },
    ],
  });
  expect(appliedPolicies(service, inventory)[0]).toMatchObject({ enforcedBy: ["agent"] });
  expect(appliedPolicies(service, inventory)[0]?.enforcedText).toContain("stricter than written");
});
