import { expect, test } from "vitest";
import { authorizationPolicyKind } from "../kinds/authorizationpolicy.ts";
import { httpRouteKind } from "../kinds/httproute.ts";
import { dropNulls, fillDefaults, prune } from "./prune.ts";

test("fields the schema does not have are dropped and named", () => {
  const { value, unknown } = prune(authorizationPolicyKind.schema, { spec: { rules: [{ form: [] }], x: 1 } });
  expect(value).toEqual({ spec: { rules: [{}] } });
  expect(unknown).toEqual(["spec.rules[0].form", "spec.x"]);
});

test("Istio's status keeps what it does not know", () => {
  const body = { status: { extra: { deep: 1 }, conditions: [{ type: "A", unknown: 1 }] } };
  const { value, unknown } = prune(authorizationPolicyKind.schema, body);
  expect(value).toEqual({ status: { extra: { deep: 1 }, conditions: [{ type: "A" }] } });
  expect(unknown).toEqual(["status.conditions[0].unknown"]);
});

test("defaults come where a field is absent or a forbidden null, and into what they add", () => {
  const filled = fillDefaults(httpRouteKind.schema, {
    spec: { rules: [{ matches: null, backendRefs: [{ name: "a", port: 1 }] }, { matches: [] }] },
  });
  expect(filled).toEqual({
    spec: {
      rules: [
        {
          matches: [{ path: { type: "PathPrefix", value: "/" } }],
          backendRefs: [{ name: "a", port: 1, group: "", kind: "Service", weight: 1 }],
        },
        { matches: [] },
      ],
    },
  });
});

test("nulls without a default are dropped", () => {
  const value = dropNulls(httpRouteKind.schema, { spec: { hostnames: null, rules: [{ retry: null }] } });
  expect(value).toEqual({ spec: { rules: [{}] } });
});
