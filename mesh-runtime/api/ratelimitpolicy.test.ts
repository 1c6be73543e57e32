import { describe, expect, test } from "vitest";
import { admit } from "./admission.ts";
import { rateLimitPolicyKind } from "./kinds/ratelimitpolicy.ts";
import type { RateLimitPolicy } from "./ratelimitpolicy.ts";

const service = { kind: "Service", name: "web" };
const tenPerSecond = { requests: 10, interval: "1s" };

function create(spec: object) {
  return admit({
    kind: rateLimitPolicyKind,
    operation: "create",
    object: { apiVersion: "towpath.dev/v1alpha1", kind: "RateLimitPolicy", metadata: { name: "x" }, spec },
    namespace: "web",
    fieldValidation: "Strict",
  });
}

/** Messages of a refusal; none when the spec is fine. */
function messages(spec: object): string[] {
  const result = create(spec);
  return result.ok ? [] : (result.status.details?.causes ?? []).map((cause) => `${cause.field}: ${cause.message}`);
}

const limited = (limit: object, ...more: object[]) => ({
  targetRefs: [service],
  limits: [{ ...tenPerSecond, ...limit }, ...more],
});

describe("a RateLimitPolicy", () => {
  test.each([
    ["a total", limited({})],
    ["a day as its interval", limited({ interval: "24h" })],
    ["a millisecond as its interval", limited({ interval: "1ms" })],
    ["a limit per caller with an exception", limited({ per: "Identity", overrides: [{ value: "a/b", requests: 1 }] })],
    ["a limit per value of a header", limited({ per: "Header", header: "X-Api-Key" })],
    ["a limit for some requests", limited({ matches: [{ method: "POST", path: { type: "Exact", value: "/pay" } }] })],
    ["a Gateway as its target", { targetRefs: [gateway("gateway.networking.k8s.io")], limits: [tenPerSecond] }],
    ["limits without names", limited({}, { requests: 100, interval: "1m" })],
  ])("may have %s", (_name, spec) => {
    expect(messages(spec)).toEqual([]);
  });

  test.each([
    ["no target", { targetRefs: [], limits: [tenPerSecond] }, "should have at least 1 items"],
    ["no targetRefs", { limits: [tenPerSecond] }, "spec.targetRefs: Required value"],
    ["no limits", { targetRefs: [service], limits: [] }, "should have at least 1 items"],
    ["a Gateway of the core group", { targetRefs: [gateway("")], limits: [tenPerSecond] }, "that of a Gateway is"],
    [
      "another kind of target",
      { targetRefs: [{ kind: "HTTPRoute", name: "a" }], limits: [tenPerSecond] },
      'supported values: "Service", "Gateway"',
    ],
    ["a target twice", { targetRefs: [service, service], limits: [tenPerSecond] }, "must not be named twice"],
    ["no requests", limited({ requests: 0 }), "should be greater than or equal to 1"],
    ["half a request", limited({ requests: 1.5 }), "must be of type integer"],
    ["a burst of none", limited({ burst: 0 }), "should be greater than or equal to 1"],
    ["an interval without a unit", limited({ interval: "5" }), "must be a duration from 1ms to 24h"],
    ["an interval of nothing", limited({ interval: "0s" }), "must be a duration from 1ms to 24h"],
    ["an interval of more than a day", limited({ interval: "24h1ms" }), "must be a duration from 1ms to 24h"],
    ["per Header without a header", limited({ per: "Header" }), "header must be set when per is Header"],
    ["a header without per Header", limited({ header: "a" }), "header must not be set unless per is Header"],
    ["a header that is none", limited({ per: "Header", header: "a b" }), "must be the name of a header"],
    [
      "exceptions from a total",
      limited({ overrides: [{ value: "a/b", requests: 1 }] }),
      "overrides need per to be Identity or Header",
    ],
    [
      "an exception for a text that is no identity",
      limited({ per: "Identity", overrides: [{ value: "spiffe://a", requests: 1 }] }),
      "must be <namespace>/<service account>",
    ],
    [
      "two exceptions for one caller",
      limited({ per: "Identity", overrides: ["a/b", "a/b"].map((value) => ({ value, requests: 1 })) }),
      "Duplicate value",
    ],
    [
      "two limits of one name",
      limited({ name: "a" }, { ...tenPerSecond, name: "a" }),
      "names of limits must be unique",
    ],
    ["a name with blanks", limited({ name: "a b" }), "must consist of lower case letters"],
    ["a bad path", limited({ matches: [{ path: { value: "a" } }] }), "value must be an absolute path"],
    ["nine matches", limited({ matches: Array.from({ length: 9 }, () => ({})) }), "must have at most 8 items"],
    ["17 limits", limited({}, ...Array.from({ length: 16 }, () => tenPerSecond)), "must have at most 16 items"],
  ])("may not have %s", (_name, spec, text) => {
    expect(messages(spec).join("\n")).toContain(text);
  });

  test("counts all requests together unless told otherwise", () => {
    const result = create(limited({ matches: [{}] }));
    const { spec } = (result.ok ? result.object : {}) as RateLimitPolicy;
    expect(spec.targetRefs).toEqual([{ ...service, group: "" }]);
    expect(spec.limits).toEqual([
      { ...tenPerSecond, per: "Total", matches: [{ path: { type: "PathPrefix", value: "/" } }] },
    ]);
  });

  test("says in a row what is limited, how far, and whether it is accepted", () => {
    const result = create(
      limited({ per: "Header", header: "x-key" }, { requests: 5, interval: "1m", per: "Identity" }),
    );
    const conditions = [{ type: "Accepted", status: "True", reason: "Accepted", message: "", lastTransitionTime: "" }];
    const object = { ...(result.ok ? result.object : {}), status: { conditions } };
    const row = rateLimitPolicyKind.columns.map((column) => column.cell(object, new Date(0)));
    expect(row.slice(0, 4)).toEqual(["x", "Service/web", "10/1s per x-key,5/1m per Identity", "True"]);
  });
});

function gateway(group: string) {
  return { group, kind: "Gateway", name: "waypoint" };
}
