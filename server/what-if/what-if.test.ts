import { describe, expect, test } from "vitest";
import { whatIfRequest } from "@/server/contracts/what-if.ts";
import { noTraffic } from "@/server/golden-paths/insight.ts";
import { intentSet } from "@/server/golden-paths/intent.ts";
import { type SampleOptions, sampleInventory } from "@/server/inventory/sample.suite.ts";
import type { Portal } from "@/server/portal.ts";
import { whatIf } from "./what-if.ts";

function ask(question: object, sample: SampleOptions = {}) {
  const inventory = sampleInventory({ enrolled: ["default", "web-api"], ...sample });
  const context = { inventory, current: intentSet([]), traffic: noTraffic, nowUnixMs: 1 };
  const portal = {
    changes: { context: async () => context },
    cluster: { get: () => undefined },
    config: { trustDomain: "cluster.local", gatewayUrl: "", target: "embedded" },
  } as unknown as Portal;
  const request = whatIfRequest.parse({
    caller: { kind: "identity", namespace: "default", serviceAccount: "sleep" },
    service: { namespace: "web-api", name: "web-api" },
    port: 8080,
    ...question,
  });
  return whatIf(portal, request);
}

const denyAll = { metadata: { namespace: "web-api", name: "deny-all" }, spec: {} };
const letIn = {
  slug: "let-a-caller-in",
  values: {
    service: { namespace: "web-api", name: "web-api" },
    callers: [{ kind: "identity", namespace: "default", serviceAccount: "sleep" }],
    ports: [8080],
  },
};

describe("what if a form were applied", () => {
  const sample = { authorizationPolicies: [denyAll] };

  test("the answer is that of the mesh with what the form writes", async () => {
    expect((await ask({}, sample)).verdict).toBe("denied");
    const then = await ask({ with: letIn }, sample);
    expect(then).toMatchObject({ verdict: "allowed", hops: [{ policy: "web-api/web-api-callers" }], tryIt: null });
  });

  test("a form that asks for requests brings its waypoint along, which then decides", async () => {
    const requests = [{ methods: ["GET"], paths: ["/orders"] }];
    const form = { ...letIn, values: { ...letIn.values, requests } };
    const get = await ask({ with: form, path: "/orders" }, sample);
    expect(get.hops.map(({ enforcer }) => enforcer)).toEqual(["waypoint web-api/waypoint", "agent of node-a"]);
    expect(get.verdict).toBe("allowed");
    expect((await ask({ with: form, path: "/orders", method: "POST" }, sample)).verdict).toBe("denied");
  });

  test("a form that does not hold is refused field by field", async () => {
    const form = { ...letIn, values: { ...letIn.values, callers: [] } };
    await expect(ask({ with: form })).rejects.toMatchObject({ code: "invalid-input" });
  });
});

test("what is asked about must exist, port and all", async () => {
  await expect(ask({ service: { namespace: "web-api", name: "nope" } })).rejects.toMatchObject({
    code: "invalid-input",
    fields: [{ path: "service" }],
  });
  await expect(ask({ port: 81 })).rejects.toMatchObject({ fields: [{ path: "port" }] });
});
