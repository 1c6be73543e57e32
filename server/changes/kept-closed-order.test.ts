/** What keeps a service closed holds at every moment of a change that moves it. */
import { describe, expect, test } from "vitest";
import { type AuthorizationPolicyResource, simulate } from "@/mesh-runtime/policy/index.ts";
import {
  grant,
  headersOnly,
  httpbin,
  keepClosed,
  lock,
  signIn,
  waypoint,
} from "@/server/golden-paths/access/sample-intents.suite.ts";
import { type Intent, intentSet } from "@/server/golden-paths/intent.ts";
import { render } from "@/server/golden-paths/render.ts";
import { type Rendered, refOf, sameResource } from "@/server/golden-paths/resource.ts";
import { waypointClass } from "@/server/inventory/labels.ts";
import { findService } from "@/server/inventory/model.ts";
import { sampleInventory } from "@/server/inventory/sample.suite.ts";
import { orderSteps } from "./order.ts";

const inventory = sampleInventory({ enrolled: ["web-api", "default"] });
const service = findService(inventory, httpbin);
const stranger = "cluster.local/ns/elsewhere/sa/somebody";
const nowhere = "192.0.2.1";

/** Ways by which a stranger gets in to httpbin. */
function openWays(objects: ReadonlyMap<string, Rendered>): string[] {
  const authorizationPolicies = [...objects.values()].filter(
    ({ kind }) => kind === "AuthorizationPolicy",
  ) as AuthorizationPolicyResource[];
  const simulation = simulate({ authorizationPolicies, peerAuthentications: [] });
  const pod = service?.pods[0];
  if (pod === undefined) {
    throw new Error("the sample has no httpbin");
  }
  const call = { sourcePrincipal: stranger, sourceIp: nowhere, destinationIp: nowhere, destinationPort: 8000 };
  const bound = objects.get("Namespace default")?.metadata.labels?.["istio.io/use-waypoint"] !== undefined;
  const through = simulation.service(
    {
      ...httpbin,
      waypoint: { namespace: "default", name: "waypoint", labels: {}, gatewayClassName: waypointClass },
      workload: { ...pod, ip: nowhere, port: 8000 },
    },
    { ...call, method: "GET", host: "httpbin.default", path: "/", header: () => undefined },
  );
  return [
    ...(simulation.connection(pod, call).allowed ? ["to the pods"] : []),
    ...(bound && through.allowed ? ["through the waypoint"] : []),
  ];
}

/** The ways that are open after each step, by what was written last. */
function openMoments(from: readonly Intent[], to: readonly Intent[]): string[] {
  const [before, after] = [from, to].map((intents) => render(intentSet(intents), inventory));
  const keys = [...new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])];
  const steps = keys.flatMap((key) => {
    const [had, has] = [before?.get(key), after?.get(key)];
    const known = had ?? has;
    return known === undefined || sameResource(had, has) ? [] : [{ key, ref: refOf(known), before: had, after: has }];
  });
  const live = [...(before?.values() ?? [])].filter(({ kind }) => kind === "AuthorizationPolicy");
  const ordered = orderSteps(steps, { authorizationPolicies: live as AuthorizationPolicyResource[] });
  expect(ordered).not.toEqual([]);
  const objects = new Map(before);
  return ordered.flatMap(({ key, after: has }) => {
    if (has === undefined) {
      objects.delete(key);
    } else {
      objects.set(key, has);
    }
    return openWays(objects).map((way) => `${way} after ${has === undefined ? "-" : ""}${key}`);
  });
}

const some = grant({ requests: [headersOnly] });
const closed = keepClosed();
const atWaypoint = waypoint("default");

describe("there is no moment at which a stranger gets in", () => {
  test.each<[string, Intent[], Intent[]]>([
    ["the last access ends at the pods", [grant()], [closed]],
    ["the last access ends at the waypoint", [atWaypoint, some], [atWaypoint, closed]],
    ["the last access ends, and its waypoint was taken away", [some], [closed]],
    ["a waypoint comes", [closed], [atWaypoint, closed]],
    ["a waypoint goes", [atWaypoint, closed], [closed]],
    ["a caller is let in", [closed], [grant()]],
    ["a caller is let in for some requests, and a waypoint comes", [closed], [atWaypoint, some]],
    ["that is undone", [atWaypoint, some], [closed]],
    ["a sign-in comes, and a waypoint", [closed], [atWaypoint, closed, signIn()]],
    ["a lock-down comes", [closed], [closed, lock("default")]],
    ["a lock-down is lifted", [atWaypoint, closed, lock("default")], [atWaypoint, closed]],
  ])("when %s", (_what, from, to) => {
    expect(openMoments(from, to)).toEqual([]);
  });
});

test("an opened service is open", () => {
  expect(openMoments([atWaypoint, closed], [atWaypoint]).length).toBeGreaterThan(0);
});
