import { describe, expect, it } from "vitest";
import { anyRequest, withoutRule, withRule } from "./request-rules.ts";

describe("rules about requests", () => {
  it("a rule that says nothing is no rule", () => {
    const named = withRule([], 0, { methods: ["GET"] });
    expect(named).toEqual([{ ...anyRequest, methods: ["GET"] }]);
    expect(withRule(named, 0, { methods: [] })).toEqual([]);
  });

  it("of several rules one is taken away", () => {
    const two = [
      { ...anyRequest, methods: ["GET"] },
      { ...anyRequest, paths: ["/x"] },
    ];
    expect(withoutRule(two, 0)).toEqual([{ ...anyRequest, paths: ["/x"] }]);
  });
});
