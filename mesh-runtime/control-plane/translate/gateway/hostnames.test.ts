import { describe, expect, it } from "vitest";
import { commonHostnames } from "./hostnames.ts";

describe("hostnames of a route at a listener", () => {
  it.each([
    ["any listener, any route", "", [], []],
    ["the listener's, when the route names none", "a.example", [], ["a.example"]],
    ["the route's, when the listener takes any", "", ["a.example", "*.b.example"], ["a.example", "*.b.example"]],
    ["equal names", "a.example", ["a.example"], ["a.example"]],
    [
      "a name under the listener's wildcard",
      "*.example",
      ["a.example", "a.b.example", "example"],
      ["a.example", "a.b.example"],
    ],
    ["the listener's name under the route's wildcard", "a.example", ["*.example"], ["a.example"]],
    ["the narrower of two wildcards", "*.example", ["*.a.example"], ["*.a.example"]],
    ["each name once", "a.example", ["a.example", "*.example"], ["a.example"]],
    ["nothing in common", "a.example", ["b.example"], undefined],
    ["a wildcard needs a label", "*.example", [".example"], undefined],
    ["a suffix is not a label", "*.example", ["aexample"], undefined],
  ])("%s", (_what, listener, route, expected) => {
    expect(commonHostnames(listener, route)).toEqual(expected);
  });
});
