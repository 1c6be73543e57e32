import { describe, expect, test } from "vitest";
import type { ClusterObjects } from "@/server/inventory/cluster-objects.ts";
import { type Around, codesOf, filled, now, reopened, routeTo } from "../access/filled-in.suite.ts";
import {
  block,
  caller,
  gateway,
  grant,
  headersOnly,
  httpbin,
  rule,
  sleep,
  waypoint,
} from "../access/sample-intents.suite.ts";

const webApi = caller("web-api", "web-api");
const stop = (values: object = {}, around: Around = {}) =>
  filled("block-a-caller", { service: httpbin, callers: [sleep], ports: [8000], ...values }, around);
const behind: Around = { sample: { waypoint: "default" }, intents: [waypoint("default")] };
const posts = [rule({ methods: ["POST"] })];

describe("what is blocked", () => {
  test("one block for each caller, or one for everybody but them", () => {
    const keys = (values: object): string[] => stop(values).plan.changes.map(({ key }) => key);
    expect(keys({ callers: [sleep, webApi] })).toEqual([
      "block-a-caller/default/httpbin/default/sleep",
      "block-a-caller/default/httpbin/web-api/web-api",
    ]);
    expect(keys({ callers: [sleep, webApi], who: "all-but" })).toEqual(["block-a-caller/default/httpbin/all-but"]);
  });

  test("some requests need a waypoint, which comes along", () => {
    const form = stop({ requests: posts });
    expect(form.plan.changes.at(-1)?.key).toBe("give-a-waypoint/default");
    expect(codesOf(form)).toEqual(["info waypoint-missing service Namespace default"]);
    expect(stop().plan.changes).toHaveLength(1);
  });

  test("taking it back frees the ports that are named, and says what holds again", () => {
    const held = block({ ports: [80, 8000] });
    const form = stop({ blocked: false }, { intents: [held] });
    expect(form.plan.changes[0]?.after).toEqual({ ...held, ports: [80] });
    expect(form.sentence).toContain("what other rules say holds again");
    expect(form.title).toBe("Unblock sleep at httpbin");
  });

  test("a new block of the same caller takes the old one's place, and says so", () => {
    const form = stop({ requests: posts }, { ...behind, intents: [waypoint("default"), block()] });
    expect(form.sentence).toContain("Until now sleep is refused on port 8000: this takes its place.");
  });

  test("the form opens again as it was", () => {
    const held = block({ blocked: { who: "all-but", callers: [sleep] }, requests: [headersOnly] });
    expect(reopened(held, "block-a-caller")?.values).toEqual({
      service: httpbin,
      who: "all-but",
      callers: [sleep],
      ports: [8000],
      requests: [headersOnly],
      until: null,
      blocked: true,
    });
    expect(reopened(block(), "block-a-caller")).toMatchObject({
      values: { who: "these", callers: [sleep] },
      summary: "sleep is refused on port 8000",
    });
  });
});

describe("findings", () => {
  test("nothing to say against a caller that exists", () => {
    expect(codesOf(stop())).toEqual([]);
    expect(codesOf(stop({}, behind))).toEqual([]);
    expect(codesOf(stop({ who: "all-but" }, behind))).toEqual([]);
  });

  test.each<[string, object, Around, string[]]>([
    [
      "an unknown service",
      { service: { namespace: "default", name: "nosuch" } },
      {},
      ["error unknown-service service"],
    ],
    ["an unknown port", { ports: [81] }, {}, ["error unknown-port ports.0"]],
    ["an unknown caller", { callers: [caller("default", "nosuch")] }, {}, ["error unknown-caller callers.0"]],
    ["an end that is over", { until: now }, {}, ["error ends-in-the-past until"]],
    ["a rule that it takes the effect of", {}, { intents: [grant()] }, ["info rule-shadowed callers"]],
    ["no rule of somebody else", {}, { intents: [grant({ caller: webApi })] }, []],
    ["none that it refuses in part", { requests: posts }, { ...behind, intents: [waypoint("default"), grant()] }, []],
    [
      "one whose requests are all refused",
      { requests: [rule({ paths: ["/*"] })] },
      { ...behind, intents: [waypoint("default"), grant({ requests: [headersOnly] })] },
      ["info rule-shadowed callers"],
    ],
  ])("tell of %s", (_what, values, around, expected) => {
    expect(codesOf(stop(values, around))).toEqual(expected);
  });

  test("a caller outside the mesh is not recognized by a block", () => {
    const form = stop({ callers: [webApi] }, { sample: { enrolled: ["default"] } });
    expect(codesOf(form)).toEqual(["warning caller-not-enrolled callers.0"]);
    expect(form.findings[0]?.message).toContain("this block does not recognize them");
  });

  test("everybody but some shuts the gateway out, unless it is named", () => {
    const routes = [routeTo("httpbin")] as unknown as ClusterObjects["routes"];
    const form = stop({ who: "all-but" }, { sample: { routing: { routes } } });
    expect(codesOf(form)).toEqual(["warning gateway-cut-off callers"]);
    expect(form.findings[0]?.repair?.values).toEqual({ callers: [sleep, gateway] });
    expect(codesOf(stop({ who: "all-but", callers: [sleep, gateway] }, { sample: { routing: { routes } } }))).toEqual(
      [],
    );
  });

  test("the waypoint itself cannot be blocked without shutting everybody out", () => {
    const form = stop({ callers: [caller("default", "waypoint")] }, behind);
    expect(codesOf(form)).toContain("error waypoint-cut-off service AuthorizationPolicy default/httpbin-blocked");
  });
});

describe("requests that prove it", () => {
  test("one as the blocked caller; with exceptions, one as an exception", () => {
    expect(stop().probes.map(({ sentence }) => sentence)).toEqual(["as sleep: GET / to httpbin is refused"]);
    expect(stop({ who: "all-but" }).probes.map(({ sentence }) => sentence)).toEqual([
      "as purchase-history-v1: GET / to httpbin is refused",
      "as sleep: GET / to httpbin gets in",
    ]);
  });

  test("none with effects", () => {
    expect(stop({ requests: posts }, behind).probes).toEqual([]);
    expect(stop({ blocked: false }).probes).toEqual([]);
  });
});
