import { describe, expect, test } from "vitest";
import { authorizationPolicyKind } from "../kinds/authorizationpolicy.ts";
import { destinationRuleKind } from "../kinds/destinationrule.ts";
import { peerAuthenticationKind } from "../kinds/peerauthentication.ts";
import { telemetryKind } from "../kinds/telemetry.ts";
import { verdictOf } from "./verdict.suite.ts";

const dryRun = (value: string, spec: object) =>
  verdictOf(authorizationPolicyKind, spec, { annotations: { "istio.io/dry-run": value } });

describe("istio.io/dry-run", () => {
  test.each([
    ["true", {}],
    ["false", { action: "ALLOW" }],
    ["T", { action: "DENY", rules: [{}] }],
  ])("%s is for ALLOW and DENY", (value, spec) => {
    expect(dryRun(value, spec).refusal).toBe("");
  });

  test.each([
    [
      "yes",
      {},
      'web/x has annotation istio.io/dry-run with invalid value (yes): strconv.ParseBool: parsing "yes": invalid syntax',
    ],
    [
      "true",
      { action: "AUDIT", rules: [{}] },
      "the annotation istio.io/dry-run currently only supports action ALLOW/DENY, found action AUDIT in web/x",
    ],
    ["true", { action: "CUSTOM", provider: { name: "a" }, rules: [{}] }, "found action CUSTOM in web/x"],
  ])("%s with %j is refused", (value, spec, text) => {
    expect(dryRun(value, spec).refusal).toContain(text);
  });

  test.each([peerAuthenticationKind, destinationRuleKind, telemetryKind])("is not for $kind", (kind) => {
    const said = verdictOf(kind, { host: "web" }, { annotations: { "istio.io/dry-run": "true" } });
    const strict =
      kind === destinationRuleKind ? said : verdictOf(kind, {}, { annotations: { "istio.io/dry-run": "true" } });
    expect(strict.refusal).toBe("web/x has unsupported annotation istio.io/dry-run, please remove the annotation");
  });
});

test.each([
  "internal.istio.io/parents",
  "internal.istio.io/parent-namespace",
  "internal.istio.io/webhook-always-reject",
])("%s is not for users", (name) => {
  expect(verdictOf(authorizationPolicyKind, {}, { annotations: { [name]: "a" } }).refusal).toContain(
    "annotation found",
  );
});

describe("a Telemetry", () => {
  const telemetry = (spec: object) => verdictOf(telemetryKind, spec);
  test.each([
    ["two tracings", { tracing: [{}, {}] }, "multiple tracing is not currently supported"],
    [
      "two providers of spans",
      { tracing: [{ providers: [{ name: "a" }, { name: "b" }] }] },
      "multiple providers is not currently supported",
    ],
  ])("is warned of %s", (_what, spec, text) => {
    expect(telemetry(spec)).toEqual({ refusal: "", warnings: [text] });
  });

  test("may not change a tag to nothing", () => {
    const said = telemetry({ metrics: [{ overrides: [{ tagOverrides: { a: {} } }] }] });
    expect(said.refusal).toBe("tagOverrides.value must be set when operation is UPSERT");
  });
});

describe("an AuthorizationPolicy with an external authorizer", () => {
  const custom = (rule: object) =>
    verdictOf(authorizationPolicyKind, { action: "CUSTOM", provider: { name: "a" }, rules: [rule] });
  test.each([
    [
      "accounts",
      { from: [{ source: { serviceAccounts: ["a"] } }] },
      "From.ServiceAccounts is currently not supported with CUSTOM action",
    ],
    [
      "a token's claims",
      { when: [{ key: "request.auth.claims[a]", values: ["b"] }] },
      "request.auth.claims[a] is currently not supported with CUSTOM action",
    ],
    [
      "the caller",
      { when: [{ key: "source.principal", values: ["b"] }] },
      "source.principal is currently not supported with CUSTOM action",
    ],
  ])("may not choose by %s", (_what, rule, text) => {
    expect(custom(rule).refusal).toContain(text);
  });

  test("may choose by headers, addresses and paths", () => {
    const rule = {
      from: [{ source: { ipBlocks: ["10.0.0.0/8"] } }],
      to: [{ operation: { paths: ["/a"] } }],
      when: [{ key: "request.headers[a]", values: ["b"] }],
    };
    expect(custom(rule)).toEqual({ refusal: "", warnings: [] });
  });
});

describe("values of conditions", () => {
  const when = (key: string, ...values: string[]) =>
    verdictOf(authorizationPolicyKind, { rules: [{ when: [{ key, values }] }] });
  test.each([
    [
      "source.serviceAccount",
      "a/b/c",
      "expected format 'serviceAccount' or 'namespace/serviceAccount', found \"a/b/c\"",
    ],
    ["source.serviceAccount", "/a", 'found empty namespace "/a"'],
    ["source.namespace", "", "empty value not allowed, found in source.namespace"],
    ["request.headers[]", "a", "bad key (request.headers[]): should have format a[b]"],
    ["destination.labels[a]", "a", "attribute destination.labels[a] is replaced by the workload selector"],
    ["destination.namespace", "a", "attribute destination.namespace is replaced by the metadata.namespace"],
    ["destination.user", "a", "deprecated attribute destination.user: only supported in v1alpha1"],
    ["source.ip", "10.0.0.999", "bad IP address (10.0.0.999)"],
    ["destination.port", "65536", "bad port (65536): <nil>"],
    ["toString", "a", "unknown attribute: toString"],
  ])("%s: %s is refused", (key, value, text) => {
    expect(when(key, value).refusal).toContain(text);
  });
});
