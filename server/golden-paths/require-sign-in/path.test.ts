import { describe, expect, test } from "vitest";
import type { ClusterObjects } from "@/server/inventory/cluster-objects.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { type Around, byHand, codesOf, filled, httpbinPods, reopened } from "../access/filled-in.suite.ts";
import { grant, headersOnly, httpbin, lock, signIn, waypoint } from "../access/sample-intents.suite.ts";
import { checkKeySet } from "./key-set.ts";

const behind: Around = { sample: { waypoint: "default" }, intents: [waypoint("default")] };
const keys = { kind: "url" as const, url: "https://issuer.example/jwks.json" };
const require = (values: object = {}, around: Around = behind) =>
  filled("require-sign-in", { service: httpbin, issuer: "https://issuer.example", keys, ...values }, around);
const publicKey = { kty: "EC", crv: "P-256", x: "AQ", y: "AQ" };

describe("what is required", () => {
  test("comes with the waypoint that reads tokens", () => {
    const form = require({}, {});
    expect(form.plan.changes.map(({ key }) => key)).toEqual([
      "require-sign-in/default/httpbin",
      "give-a-waypoint/default",
    ]);
    expect(codesOf(form)).toEqual(["info waypoint-missing service Namespace default"]);
    expect(codesOf(require())).toEqual([]);
  });

  test("is said with its claims and what stays open", () => {
    const claims = [{ claim: "groups", values: ["staff", "admin"] }];
    expect(require({ claims, openPaths: ["/health"] }).sentence).toBe(
      "Lets only requests with a valid token of https://issuer.example with groups staff or admin through to httpbin, except /health. A bad token is answered with 401, none with 403. Who may call at all stays as it is.",
    );
  });

  test("the form opens again as it was, and takes it back", () => {
    const held = signIn({ claims: [{ claim: "groups", values: ["staff"] }] });
    const { slug: _slug, ...values } = held;
    expect(reopened(held, "require-sign-in")).toEqual({
      values: { ...values, required: true },
      summary: "a token of https://issuer.example with groups staff",
    });
    const back = require({ required: false }, { ...behind, intents: [waypoint("default"), held] });
    expect(back.plan.changes).toMatchObject([{ before: held, after: undefined }]);
  });
});

describe("findings", () => {
  test.each<[string, object, string[]]>([
    ["an issuer that stands for several", { issuer: "https://*.example" }, ["error value-never-matches issuer"]],
    [
      "a key set inside of the cluster that nobody serves",
      { keys: { kind: "url", url: "http://keys.default.svc.cluster.local/jwks" } },
      ["error keys-not-loaded keys.url"],
    ],
    [
      "a header that cannot carry a claim",
      { claimHeaders: [{ claim: "sub", header: "x.user" }] },
      ["error value-never-matches claimHeaders.0.header"],
    ],
    [
      "a cookie that no request has",
      { tokenFrom: "cookie", tokenName: "my session" },
      ["error value-never-matches tokenName"],
    ],
    ["everything open", { openPaths: ["/health", "/*"] }, ["error rule-without-effect openPaths.1"]],
    ["an open path that no request has", { openPaths: ["/a/../b"] }, ["error value-never-matches openPaths.0"]],
    ["a pasted text that is no key set", { keys: { kind: "inline", jwks: "{}" } }, ["error keys-not-loaded keys.jwks"]],
    ["a pasted key set", { keys: { kind: "inline", jwks: JSON.stringify({ keys: [publicKey] }) } }, []],
  ])("tell of %s", (_what, values, expected) => {
    expect(codesOf(require(values))).toEqual(expected);
  });

  test("keys that the mesh could not read are told, as long as the address is the same", () => {
    const live = {
      metadata: {
        name: "httpbin-sign-in",
        namespace: "default",
        labels: { "app.kubernetes.io/managed-by": "towpath" },
      },
      spec: {
        targetRefs: [{ kind: "Service", group: "", name: "httpbin" }],
        jwtRules: [{ issuer: "https://issuer.example", jwksUri: keys.url }],
      },
      status: {
        conditions: [
          {
            type: "towpath.dev/Effective",
            status: "False",
            reason: "JwksUnavailable",
            message: "acts on default/httpbin; tokens are refused: 404",
          },
        ],
      },
    };
    const routing = { requestAuthentications: [live] as unknown as ClusterObjects["requestAuthentications"] };
    const around = { ...behind, sample: { waypoint: "default", routing } };
    const place = "RequestAuthentication default/httpbin-sign-in";
    expect(codesOf(require({}, around))).toEqual([`warning keys-not-loaded keys.url ${place}`]);
    expect(require({}, around).findings[0]?.message).toMatch(
      /^The mesh cannot read the keys: tokens are refused: 404\./,
    );
    expect(codesOf(require({ keys: { ...keys, url: "https://issuer.example/other" } }, around))).toEqual([]);
  });

  test("a port where no token can be shown is told, and a service that has no other is refused", () => {
    const portsOf =
      (ports: object[]) =>
      (inventory: Inventory): Inventory => ({
        ...inventory,
        services: inventory.services.map((one) =>
          one.name === "httpbin" ? { ...one, ports: ports as unknown as typeof one.ports } : one,
        ),
        objects: {
          ...inventory.objects,
          services: inventory.objects.services.map((one) =>
            one.metadata?.name === "httpbin" ? { ...one, spec: { ...one.spec, ports } } : one,
          ) as unknown as ClusterObjects["services"],
        },
      });
    const http = { name: "http", port: 8000, targetPort: 8000, protocol: "TCP" };
    const data = { name: "redis", port: 6379, targetPort: 6379, protocol: "TCP" };
    expect(codesOf(require({}, { ...behind, change: portsOf([http, data]) }))).toEqual([
      "warning rule-without-effect service",
    ]);
    expect(codesOf(require({}, { ...behind, change: portsOf([data]) }))).toEqual(["error rule-without-effect service"]);
  });
});

describe("who would get in", () => {
  const closed = byHand("deny-all", {});
  const callers = byHand("callers", {
    ...httpbinPods,
    rules: [{ from: [{ source: { serviceAccounts: ["sleep"] } }] }],
  });

  test.each([
    ["a lock", closed],
    ["callers", callers],
  ])("through the waypoint past %s that somebody wrote for the pods: that is refused", (_what, policy) => {
    const sample = { waypoint: "default", authorizationPolicies: [policy] };
    const form = require({}, { ...behind, sample });
    expect(codesOf(form)).toContain(
      `error anyone-may-call service AuthorizationPolicy default/${policy.metadata.name}`,
    );
    expect(form.findings.find(({ code }) => code === "anyone-may-call")?.path?.slug).toBe("lock-down");
  });

  test("nobody past a lock that Towpath holds at the waypoint too, or callers that it let in", () => {
    const sample = { waypoint: "default", authorizationPolicies: [closed] };
    expect(codesOf(require({}, { sample, intents: [waypoint("default"), lock("default")] }))).toEqual([]);
    expect(codesOf(require({}, { sample, intents: [waypoint("default"), grant()] }))).toEqual([]);
  });
});

describe("a pasted key set", () => {
  test.each<[string, string, boolean, RegExp]>([
    ["is no JSON", "keys", false, /no JSON/],
    ["is a single key", JSON.stringify(publicKey), false, /single key/],
    ["has no keys", '{"keys":[]}', false, /no keys/],
    ["lacks a member", '{"keys":[{"kty":"RSA","n":"AQ"}]}', false, /required field e is missing/],
    ["holds a private key", JSON.stringify({ keys: [{ ...publicKey, d: "AQ" }] }), false, /public keys only/],
    ["holds a shared key", '{"keys":[{"kty":"oct","k":"AQ"}]}', false, /public keys only/],
    ["is for encryption", JSON.stringify({ keys: [{ ...publicKey, use: "enc" }] }), false, /for signatures/],
    ["is good", JSON.stringify({ keys: [publicKey] }), true, /^$/],
  ])("that %s", (_what, text, ok, problem) => {
    const checked = checkKeySet(text);
    expect(checked.ok).toBe(ok);
    expect(checked.ok ? "" : checked.problem).toMatch(problem);
  });

  test("of a single key is repaired to one that is good", () => {
    const checked = checkKeySet(JSON.stringify(publicKey));
    expect(checked.ok ? undefined : checkKeySet(checked.repaired ?? "")).toEqual({ ok: true });
  });
});

describe("a request that proves it", () => {
  test("is one that lacks nothing but the token", () => {
    const around = { ...behind, intents: [waypoint("default"), grant({ requests: [headersOnly] })] };
    expect(require({}, around).probes).toMatchObject([
      {
        source: { workload: "sleep" },
        url: "http://httpbin.default:8000/headers",
        headers: [{ name: "x-test-me", value: "1" }],
        expect: { kind: "refused" },
        sentence: "as sleep: GET /headers with x-test-me without a token to httpbin is refused",
      },
    ]);
  });

  test("is none at an open path", () => {
    expect(require({ openPaths: ["/"] }).probes).toEqual([]);
    expect(require({ required: false }).probes).toEqual([]);
  });
});
