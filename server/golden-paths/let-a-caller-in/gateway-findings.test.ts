import { describe, expect, test } from "vitest";
import type { ClusterObjects } from "@/server/inventory/cluster-objects.ts";
import { type Around, codesOf, filled, now, routeTo } from "../access/filled-in.suite.ts";
import { gateway, grant, headersOnly, httpbin, lock, sleep, waypoint } from "../access/sample-intents.suite.ts";

const exposed = { routing: { routes: [routeTo("httpbin")] as unknown as ClusterObjects["routes"] } };
const behindWaypoint: Around = { sample: { ...exposed, waypoint: "default" }, intents: [waypoint("default")] };
const letIn = (values: object, around: Around) =>
  filled("let-a-caller-in", { service: httpbin, callers: [sleep], ports: [8000], ...values }, around);
const cutOff = (values: object, around: Around) =>
  letIn(values, around).findings.filter(({ code }) => code === "gateway-cut-off");

describe("visitors who come through a gateway", () => {
  test.each<[string, Around]>([
    ["at the pods", { sample: exposed }],
    ["at the waypoint", behindWaypoint],
  ])(
    "are shut out by the first caller that is named, which is told %s, and the gateway can be named too",
    (_, around) => {
      expect(codesOf(letIn({}, around))).toEqual(["warning gateway-cut-off callers"]);
      const [found] = cutOff({}, around);
      expect(found?.message).toContain("visitors would get in no more");
      expect(found?.repair?.values).toEqual({ callers: [sleep, gateway] });
      expect(cutOff({ ...found?.repair?.values }, around)).toEqual([]);
    },
  );

  test.each<[string, object, Around]>([
    ["a service that no gateway sends to", {}, {}],
    [
      "a service to which the gateway is let in already",
      {},
      { sample: exposed, intents: [grant({ caller: gateway })] },
    ],
    ["a service that let no visitor in before either", {}, { sample: exposed, intents: [lock("default")] }],
    ["a rule that lets anyone in", { callers: [{ kind: "anyone" }] }, { sample: exposed }],
    ["the end of a caller's access", { allowed: false }, { sample: exposed, intents: [grant()] }],
  ])("are not spoken of at %s", (_, values, around) => {
    expect(cutOff(values, around)).toEqual([]);
  });

  test.each<[string, object]>([
    ["of some requests", { requests: [headersOnly] }],
    ["that ends", { until: now + 3_600_000 }],
  ])("get a rule of their own beside one %s", (_, values) => {
    const [found] = cutOff(values, behindWaypoint);
    expect(found?.repair).toBeNull();
    expect(found?.path).toMatchObject({
      slug: "let-a-caller-in",
      values: { service: httpbin, callers: [gateway], ports: [8000], allowed: true },
    });
  });
});
