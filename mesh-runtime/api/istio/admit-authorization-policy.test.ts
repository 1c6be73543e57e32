import { describe, expect, test } from "vitest";
import type { AuthorizationPolicy } from "../authorizationpolicy.ts";
import { admitAuthorizationPolicy } from "./admit-authorization-policy.ts";

type Spec = NonNullable<AuthorizationPolicy["spec"]>;

const verdict = (spec: Spec) =>
  admitAuthorizationPolicy({
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: { name: "x", namespace: "web" },
    spec,
  });

describe("refuses what istiod refuses", () => {
  test.each<[Spec, string]>([
    [{ action: "CUSTOM", provider: { name: "a" } }, "CUSTOM action without `rules` is meaningless"],
    [
      { action: "CUSTOM", provider: { name: "a" }, rules: [{ from: [{ source: { principals: ["a"] } }] }] },
      "From.Principals is currently not supported with CUSTOM action",
    ],
    [{ rules: [{ from: [{ source: {} }] }] }, "`from.source` must not be empty, found at rule 0"],
    [{ rules: [{}, { to: [{}] }] }, "`to.operation` must not be nil, found at rule 1"],
    [{ rules: [{ when: [{ key: "", values: ["a"] }] }] }, "`key` must not be empty"],
    [{ rules: [{ to: [{ operation: { paths: ["/a/{b}"] } }] }] }, "beyond a supported path template"],
    [{ rules: [{ from: [{ source: { ipBlocks: ["10.0.0.0/99"] } }] }] }, "bad CIDR range (10.0.0.0/99)"],
    [{ rules: [{ to: [{ operation: { ports: ["65536"] } }] }] }, "bad port (65536)"],
    [{ rules: [{ when: [{ key: "destination.port", values: ["x"] }] }] }, "invalid `value` for `key` destination.port"],
  ])("%#", (spec, text) => {
    expect(verdict(spec).refusal).toContain(text);
  });

  test("several complaints are a list", () => {
    const { refusal } = verdict({ action: "DENY", provider: { name: "a" } });
    expect(refusal).toMatch(/^configuration is invalid: 2 errors occurred:\n\t\* invalid policy x\.web: `provider`/);
  });
});

describe("warns of a DENY that closes every TCP port", () => {
  const deny = (rule: NonNullable<Spec["rules"]>[number]) => verdict({ action: "DENY", rules: [rule] }).warnings;

  test.each([
    [{ to: [{ operation: { methods: ["GET"] } }] }, 1],
    [{ from: [{ source: { notRequestPrincipals: ["*"] } }] }, 1],
    [{ to: [{ operation: { methods: ["GET"], ports: ["80"] } }] }, 0],
    [{ from: [{ source: { principals: ["a"] } }] }, 0],
    [{ when: [{ key: "request.headers[a]", values: ["b"] }] }, 1],
  ])("%#", (rule, count) => {
    expect(deny(rule)).toHaveLength(count);
  });

  test("an ALLOW gets no warning", () => {
    expect(verdict({ rules: [{ to: [{ operation: { methods: ["GET"] } }] }] }).warnings).toEqual([]);
  });
});
