import { describe, expect, test } from "vitest";
import type { AuthorizationPolicyResource } from "@/mesh-runtime/policy/index.ts";
import { type DenialGroup, denialGroup } from "@/server/contracts/denials.ts";
import { type SampleOptions, sampleInventory } from "@/server/inventory/sample.suite.ts";
import type { DenialIdentity } from "@/server/telemetry/records.ts";
import { labels } from "@/server/telemetry/sample.suite.ts";
import { refusedCall } from "./refused-call.suite.ts";

const _now = 10_000_000_000;
const targetRefs = [{ group: "", kind: "Service", name: "httpbin" }];
const allow = (rule: object): AuthorizationPolicyResource => ({
  metadata: { namespace: "default", name: "httpbin-allow" },
  spec: { targetRefs, action: "ALLOW", rules: [rule] },
});

/** A refusal of sleep at the waypoint in front of httpbin, explained. */
function explain(told: Partial<DenialIdentity>, sample: SampleOptions = {}): DenialGroup {
  const inventory = sampleInventory({ enrolled: ["default"], waypoint: "default", ...sample });
  return denialGroup.parse(
    refusedCall({ policy: "default/httpbin-allow", evaluated: ["default/httpbin-allow"], ...told }, inventory, []),
  );
}

const policy = (rule: object): SampleOptions => ({ authorizationPolicies: [allow(rule)] });

describe("a refusal at a waypoint", () => {
  test("names hop, request, policy, rule and answer", () => {
    const group = explain({}, policy({ to: [{ operation: { methods: ["GET"], paths: ["/headers"] } }] }));
    expect(group).toMatchObject({
      enforcer: "waypoint default/waypoint",
      reasonTitle: "Path not allowed",
      method: "GET",
      path: "/ip",
      policy: { kind: "AuthorizationPolicy", namespace: "default", name: "httpbin-allow" },
      answerTitle: "403",
      fix: null,
    });
    expect(group.ruleText).toBe(
      "- to:\n    - operation:\n        methods:\n          - GET\n        paths:\n          - /headers",
    );
    expect(group.sentence).toBe(
      "default/httpbin-allow lets in only what it names, and GET /ip from sleep to httpbin does not fit rule 1: its path is another.",
    );
    expect(group.nextStep?.text).toBe("If /ip is right here, add it to the paths of rule 1 of default/httpbin-allow.");
    expect(group.nextStep?.command).toBe("kubectl -n default edit authorizationpolicy.security.istio.io httpbin-allow");
  });

  const operation = (fields: object): object => ({ to: [{ operation: fields }] });
  const when = (key: string, values: object): object => ({ when: [{ key, ...values }] });
  test.each([
    ["request.method", operation({ methods: ["GET"], notMethods: ["PUT"] }), ["GET", "not PUT"], "GET", ""],
    ["request.path", operation({ paths: ["/a", "/b/{*}"] }), ["/a", "/b/{*}"], "/ip", ""],
    ["request.host", operation({ hosts: ["x.example"] }), ["x.example"], "httpbin.default:8000", ""],
    ["destination.port", operation({ ports: ["80"] }), ["80"], "8000", ""],
    ["request.header", when("request.headers[x-test-me]", { values: ["*"] }), ["any value"], "", "x-test-me"],
    ["request.header", when("request.headers[x-a]", { notValues: ["*", "1"] }), ["absent", "not 1"], "", "x-a"],
    ["request.auth.claims", when("request.auth.claims[a][b]", { values: ["staff"] }), ["staff"], "", "a.b"],
    ["request.auth.principal", { from: [{ source: { requestPrincipals: ["issuer/*"] } }] }, ["issuer/*"], "", ""],
    [
      "source.serviceAccount",
      { from: [{ source: { serviceAccounts: ["web-api/web-api"] } }] },
      ["web-api/web-api"],
      "cluster.local/ns/default/sa/sleep",
      "",
    ],
  ])("says what was expected of %s and what came", (attribute, rule, expected, was, attributeName) => {
    expect(explain({ attribute }, policy(rule))).toMatchObject({ expected, was, attributeName });
  });

  test("two headers that could have decided are both named", () => {
    const group = explain(
      { attribute: "request.header" },
      policy({
        when: [
          { key: "request.headers[x-a]", values: ["1"] },
          { key: "request.headers[x-b]", notValues: ["2"] },
        ],
      }),
    );
    expect(group).toMatchObject({ attributeName: "x-a, x-b", expected: ["x-a: 1", "x-b: not 2"] });
  });

  test("no rule came close: all of them are asked", () => {
    const group = explain({ rule: -1, attribute: "request.method" }, policy(operation({ methods: ["PUT"] })));
    expect(group.expected).toEqual(["PUT"]);
    expect(group.sentence).toContain("does not fit any rule");
  });
});

test("a caller that no rule at the waypoint names is let in by the form, with the service's port", () => {
  const group = explain(
    { attribute: "source.serviceAccount" },
    policy({ from: [{ source: { serviceAccounts: ["web-api/web-api"] } }] }),
  );
  expect(group.fix).toMatchObject({
    slug: "let-a-caller-in",
    values: { callers: [{ kind: "identity", namespace: "default", serviceAccount: "sleep" }], ports: [8000] },
  });
});

describe("a refusal by the guard of the pods", () => {
  const guarded: Partial<DenialIdentity> = {
    hop: "agent",
    policy: "default/guard",
    attribute: "source.serviceAccount",
    method: "",
    path: "",
    answer: 0,
  };

  test("sends the caller through the waypoint instead of opening a way past it", () => {
    const group = explain({ ...guarded, labels: labels("default/sleep", "default/httpbin") });
    expect(group).toMatchObject({ enforcer: "agent", fix: null });
    expect(group.nextStep?.text).toContain("goes through waypoint default/waypoint");
  });

  test("lets the waypoint itself in where a lock-down forgot it", () => {
    const group = explain({ ...guarded, labels: labels("default/waypoint", "default/httpbin") });
    expect(group.fix).toMatchObject({
      slug: "let-a-caller-in",
      values: { callers: [{ kind: "identity", namespace: "default", serviceAccount: "waypoint" }] },
    });
  });
});

describe("the steps stand in the engine's order and end with the refusal", () => {
  const custom: AuthorizationPolicyResource = {
    metadata: { namespace: "default", name: "ask" },
    spec: { targetRefs, action: "CUSTOM", provider: { name: "opa" }, rules: [{}] },
  };
  const tokens = {
    metadata: { namespace: "default", name: "jwt" },
    spec: { targetRefs, jwtRules: [{ issuer: "i" }] },
  };
  const sample: SampleOptions = {
    authorizationPolicies: [custom, allow({})],
    routing: { requestAuthentications: [tokens] as never },
  };
  const steps = (told: Partial<DenialIdentity>): string[] =>
    explain(told, sample)
      .steps.slice(1)
      .map(({ outcome, text }) => `${outcome} ${text}`);

  test.each([
    [
      { reason: "refused-by-authorizer", policy: "default/ask", attribute: "opa" },
      ["failed External authorizer opa: it refused, asked by default/ask", "failed Denied, answered 403"],
    ],
    [
      { reason: "token-invalid", policy: "default/jwt", attribute: "request.auth.principal", answer: 401 },
      [
        "passed External authorizer: 1 policy asks, none refused",
        "failed Token: not valid for default/jwt",
        "failed Denied, answered 401",
      ],
    ],
    [
      { reason: "denied-by-policy", policy: "default/no", rule: 1 },
      [
        "passed External authorizer: 1 policy asks, none refused",
        "passed Token: valid, or none was sent",
        "failed Deny policies: default/no, rule 2 matched",
        "failed Denied, answered 403",
      ],
    ],
    [
      {},
      [
        "passed External authorizer: 1 policy asks, none refused",
        "passed Token: valid, or none was sent",
        "passed Deny policies: 0 read, none matched",
        "failed Allow policies: 1 read, none matched",
        "failed Denied, answered 403: 1 Allow policy exists, none let it in",
      ],
    ],
    [
      { reason: "rate-limited", policy: "default/limit", attribute: "source.principal", answer: 429 },
      [
        "passed External authorizer: 1 policy asks, none refused",
        "passed Token: valid, or none was sent",
        "passed Deny policies: 0 read, none matched",
        "passed Allow policies: one let it in",
        "failed Rate limit: default/limit is used up",
        "failed Refused, answered 429",
      ],
    ],
  ] as [Partial<DenialIdentity>, string[]][])("%j", (told, expected) => {
    expect(steps(told)).toEqual(expected);
  });
});

describe("the policy behind a refusal is of its own kind", () => {
  test.each([
    ["token-invalid", "RequestAuthentication"],
    ["rate-limited", "RateLimitPolicy"],
    ["refused-by-authorizer", "AuthorizationPolicy"],
  ] as const)("%s: %s", (reason, kind) => {
    const group = explain({ reason, policy: "default/x", attribute: "none" });
    expect(group.policy?.kind).toBe(kind);
    expect(group.sentence).toContain("default/x");
    expect(group.nextStep?.text).not.toBe("");
  });

  test("a limit says what it allows", () => {
    const limit = {
      metadata: { namespace: "default", name: "x" },
      spec: { targetRefs, limits: [{ requests: 10, interval: "10s", per: "Identity" }] },
    };
    const group = explain(
      { reason: "rate-limited", policy: "default/x", attribute: "source.principal", answer: 429 },
      { routing: { rateLimitPolicies: [limit] as never } },
    );
    expect(group).toMatchObject({ ruleText: "At most 10 in 10s for each caller.", expected: [], was: "" });
  });
});
