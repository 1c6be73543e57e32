import { describe, expect, test } from "vitest";
import { evaluateL7 } from "./evaluate-l7.ts";
import type { HttpOperation, HttpRule, HttpSource } from "./http-model.ts";
import { prepareHttpPolicies } from "./prepare-http.ts";
import { exact, policyWith, requestWith } from "./test-request.suite.ts";

const caller: HttpSource = { namespaces: [exact("shop")] };
const stranger: HttpSource = { namespaces: [exact("other")] };
const get: HttpOperation = { methods: [exact("GET")] };
const post: HttpOperation = { methods: [exact("POST")] };
const rule = (from: HttpSource[], to: HttpOperation[] = [], headers: string[] = []): HttpRule => ({
  from,
  to,
  when: headers.map((value) => ({ key: "request.headers[x-a]", values: [exact(value)] })),
});
const path = (value: string, more: HttpOperation = {}): HttpOperation => ({ ...more, paths: [exact(value)] });
const miss = (...rules: HttpRule[]) => {
  const {
    policy,
    rule: index,
    attribute,
  } = evaluateL7(prepareHttpPolicies([policyWith("ALLOW", {}, { rules })]), requestWith());
  expect(policy).toBe("default/p");
  return [index, attribute];
};

describe("a refusal names the rule that came closest, and the first of its attributes that failed", () => {
  test.each<[string, HttpRule[], [number | undefined, string]]>([
    ["no rules at all", [], [undefined, "none"]],
    ["one rule, one attribute", [rule([stranger])], [0, "source.namespace"]],
    ["the first of two that fail", [rule([stranger], [post])], [0, "source.namespace"]],
    ["the one that fails of two", [rule([caller], [post])], [0, "request.method"]],
    ["the first that fails of those behind", [rule([caller], [get], ["9"])], [0, "request.header"]],
    ["the rule with more that held", [rule([stranger], [post]), rule([caller], [post])], [1, "request.method"]],
    [
      "the rule with more that held, also when it comes first",
      [rule([caller], [post]), rule([stranger], [post])],
      [0, "request.method"],
    ],
    ["of equals the first", [rule([stranger]), rule([], [post])], [0, "source.namespace"]],
    [
      "of equals in what held, the one with less that failed",
      [rule([stranger], [post]), rule([], [post])],
      [1, "request.method"],
    ],
    [
      "of equals in what held, the one with less that failed, also when it comes first",
      [rule([], [post]), rule([stranger], [post])],
      [0, "request.method"],
    ],
    [
      "more that held, in spite of more that failed",
      [rule([stranger]), rule([caller], [post], ["8", "9"])],
      [1, "request.method"],
    ],
    [
      "the alternative that came closest",
      [rule([stranger, { ...caller, ipBlocks: [{ address: "9.9.9.9", length: 32 }] }])],
      [0, "source.ip"],
    ],
    [
      "the alternative that came closest, also when it comes first",
      [rule([{ ...caller, ipBlocks: [{ address: "9.9.9.9", length: 32 }] }, stranger])],
      [0, "source.ip"],
    ],
    ["of equal alternatives the first", [rule([], [post, path("/x")])], [0, "request.method"]],
    ["the alternative with less that failed", [rule([], [path("/x", post), path("/y")])], [0, "request.path"]],
    [
      "an alternative that held, whatever comes behind it",
      [rule([caller, { ...caller, ...stranger, principals: [exact("x")] }], [post])],
      [0, "request.method"],
    ],
    ["an alternative that held, whatever comes before it", [rule([stranger, caller], [post])], [0, "request.method"]],
    [
      "the first attribute of an alternative with two that failed",
      [rule([], [{ ...path("/x"), ...post }])],
      [0, "request.method"],
    ],
  ])("%s", (_what, rules, wanted) => {
    expect(miss(...rules)).toEqual(wanted);
  });

  test("an alternative counts what held in it", () => {
    const two = rule([{ ...caller, principals: [exact("cluster.local/ns/shop/sa/cart")] }], [post]);
    expect(miss(rule([caller], [post]), two)).toEqual([1, "request.method"]);
  });

  test("in the policy that it belongs to", () => {
    const prepared = prepareHttpPolicies([
      policyWith("ALLOW", rule([stranger]), { name: "far" }),
      policyWith("ALLOW", {}, { name: "near", rules: [rule([stranger]), rule([caller], [post])] }),
      policyWith("ALLOW", rule([stranger]), { name: "behind" }),
    ]);
    expect(evaluateL7(prepared, requestWith())).toEqual({
      allowed: false,
      reason: "no-allow-policy-matched",
      policy: "default/near",
      rule: 1,
      attribute: "request.method",
      evaluated: ["default/far", "default/near", "default/behind"],
    });
  });

  test("among the first 64 rules alone, however many there are", () => {
    const from = (address: string) => [{ ipBlocks: [{ address, length: 8 }] }];
    const far = Array.from({ length: 64 }, () => rule(from("9.0.0.0"), [post]));
    const near = rule(from("10.0.0.0"), [post]);
    expect(miss(...far.slice(1), near)).toEqual([63, "request.method"]);
    expect(miss(...far, near)).toEqual([0, "source.ip"]);
  });
});
