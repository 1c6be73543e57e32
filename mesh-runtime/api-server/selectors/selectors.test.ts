import { describe, expect, test } from "vitest";
import { parseFieldSelector } from "./field-selector.ts";
import { parseLabelSelector } from "./label-selector.ts";

describe("label selectors", () => {
  const labels = { app: "web", tier: "front", "example.com/x": "1", n: "5" };
  test.each([
    ["", true],
    ["app=web", true],
    ["app==web,tier=front", true],
    ["app=web,tier=back", false],
    ["app!=web", false],
    ["none!=web", true],
    ["app", true],
    ["!app", false],
    ["!none", true],
    ["app in (api, web)", true],
    ["app in (api)", false],
    ["app notin (api)", true],
    ["none notin (api)", true],
    ["none in (api)", false],
    ["example.com/x=1", true],
    ["n>4", true],
    ["n<5", false],
    ["app>4", false],
    ["empty=", false],
    ["  app = web , tier  in (front,back) ", true],
  ])("%j matches: %s", (selector, matches) => {
    expect(parseLabelSelector(selector)(labels)).toBe(matches);
  });

  test.each([
    "app=web tier=x",
    "in (a)",
    "app in a",
    "app in (a",
    "a b c",
    "=x",
    "-app=1",
    "app=-x",
    "x>a",
    ",",
    "a=b,",
  ])("refuses %j", (selector) => {
    expect(() => parseLabelSelector(selector)).toThrow(expect.objectContaining({ name: "ApiError" }));
  });

  test("nothing matches without labels but what asks for absence", () => {
    expect(parseLabelSelector("app")(undefined)).toBe(false);
    expect(parseLabelSelector("!app")(undefined)).toBe(true);
  });
});

describe("field selectors", () => {
  const pod = { metadata: { name: "a", namespace: "web" }, spec: { nodeName: "n,1" }, status: { phase: "Running" } };
  test.each([
    ["metadata.name=a", true],
    ["metadata.name==a,status.phase=Running", true],
    ["status.phase!=Running", false],
    ["spec.nodeName=n\\,1", true],
    ["spec.nodeName=", false],
    ["", true],
  ])("%j matches: %s", (selector, matches) => {
    expect(parseFieldSelector(selector, "/pods")(pod)).toBe(matches);
  });

  test.each(["spec.foo=a", "metadata.name", "metadata.labels=x"])("refuses %j", (selector) => {
    expect(() => parseFieldSelector(selector, "/pods")).toThrow(expect.objectContaining({ name: "ApiError" }));
  });
});
