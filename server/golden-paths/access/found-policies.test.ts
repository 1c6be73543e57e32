import { describe, expect, test } from "vitest";
import type { ClusterObjects } from "@/server/inventory/cluster-objects.ts";
import { type Around, atHttpbin, byHand, codesOf, filled, httpbinPods } from "./filled-in.suite.ts";
import { headersOnly, httpbin, signIn, sleep, waypoint } from "./sample-intents.suite.ts";

const allow = { service: httpbin, callers: [sleep], ports: [8000] };
const some = { ...allow, requests: [headersOnly] };
const letIn = (values: object, around: Around = {}) => filled("let-a-caller-in", { ...allow, ...values }, around);
/** With its waypoint there. */
const behind = (around: Around = {}): Around => ({
  ...around,
  sample: { waypoint: "default", ...around.sample },
  intents: [waypoint("default"), ...(around.intents ?? [])],
});

describe("traps in what others wrote", () => {
  const withPolicy = (spec: object, status: object = {}): Around =>
    behind({ sample: { authorizationPolicies: [byHand("theirs", spec, status)] } });
  const from = [{ source: { serviceAccounts: ["sleep"] } }];
  const place = "AuthorizationPolicy default/theirs";

  test.each<[string, object, string]>([
    [
      "a method in small letters",
      { ...atHttpbin, rules: [{ to: [{ operation: { methods: ["get"] } }] }] },
      "value-never-matches",
    ],
    [
      "a path without a slash",
      { ...atHttpbin, rules: [{ to: [{ operation: { paths: ["ip"] } }] }] },
      "value-never-matches",
    ],
    [
      "an identity with its scheme",
      { ...atHttpbin, rules: [{ from: [{ source: { principals: ["spiffe://cluster.local/ns/a/sa/b"] } }] }] },
      "value-never-matches",
    ],
    [
      "a refusal of requests at the pods",
      {
        ...httpbinPods,
        action: "DENY",
        rules: [{ from, to: [{ operation: { methods: ["POST"], ports: ["8000"] } }] }],
      },
      "rule-without-effect",
    ],
    [
      "a port that no pod opens",
      { ...httpbinPods, action: "DENY", rules: [{ from, to: [{ operation: { ports: ["80"] } }] }] },
      "port-not-open",
    ],
    [
      "an authorizer that nobody knows",
      {
        ...atHttpbin,
        action: "CUSTOM",
        provider: { name: "nobody" },
        rules: [{ to: [{ operation: { paths: ["/x"] } }] }],
      },
      "authorizer-missing",
    ],
    [
      "an authorizer asked at the pods",
      { ...httpbinPods, action: "CUSTOM", provider: { name: "nobody" }, rules: [{}] },
      "policy-ignored",
    ],
  ])("%s", (_what, spec, code) => {
    expect(codesOf(letIn(some, withPolicy(spec)))).toContain(`warning ${code} ${place}`);
  });

  test("a condition that says True and means something else", () => {
    const conditions = [
      { type: "WaypointAccepted", status: "True", reason: "PartiallyInvalid", message: "Invalid targetRefs" },
    ];
    const spec = { ...atHttpbin, action: "AUDIT", rules: [{ from }] };
    expect(codesOf(letIn(some, withPolicy(spec, { conditions })))).toEqual([
      `warning condition-means-nothing ${place}`,
    ]);
  });

  test("strict ports of pods that take plain text", () => {
    const peerAuthentications = [
      byHand("mixed", { ...httpbinPods, mtls: { mode: "PERMISSIVE" }, portLevelMtls: { "8000": { mode: "STRICT" } } }),
    ];
    expect(codesOf(letIn({}, { sample: { peerAuthentications } }))).toEqual([
      "warning port-exception-broken PeerAuthentication default/mixed",
    ]);
  });

  test("tokens that are verified and not asked for, or not even verified", () => {
    const tokens = (spec: object) => ({
      routing: {
        requestAuthentications: [
          { metadata: { name: "tokens", namespace: "default" }, spec: { ...spec, jwtRules: [{ issuer: "a" }] } },
        ] as unknown as ClusterObjects["requestAuthentications"],
      },
    });
    const where = "RequestAuthentication default/tokens";
    expect(codesOf(letIn(some, behind({ sample: tokens(atHttpbin) })))).toEqual([`warning token-rule-alone ${where}`]);
    expect(codesOf(letIn(some, behind({ sample: tokens(atHttpbin), intents: [signIn()] })))).toEqual([]);
    expect(codesOf(letIn(some, behind({ sample: tokens(httpbinPods) })))).toEqual([`warning policy-ignored ${where}`]);
    expect(codesOf(letIn({}, { sample: tokens(atHttpbin) }))).toEqual([`warning policy-ignored ${where}`]);
  });
});
