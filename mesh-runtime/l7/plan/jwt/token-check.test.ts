/** Istio's documented behaviour of RequestAuthentication, with Envoy's texts. */
import { describe, expect, test } from "vitest";
import type { L7JwtRule } from "../../../xds/proxy-config.ts";
import { PlannerMemory } from "../planner-memory.ts";
import { type Asked, forwarded, replied, replyField, rig, service } from "../planner-rig.suite.ts";
import {
  bearer,
  claims,
  ec,
  ec384,
  ec521,
  ed,
  jwks,
  jwtRule,
  nowMs,
  nowSeconds,
  otherRsa,
  rsa,
  token,
} from "./tokens.suite.ts";

const at = (...rules: L7JwtRule[]) => rig(service({}, { jwtRules: rules }));
const good = token(rsa);

test("no token passes as anonymous", async () => {
  const plan = forwarded(at(jwtRule()).now({ headers: { authorization: "Basic YTpi" } }));
  expect(plan.token).toBeUndefined();
  expect(plan.fields.get("authorization")).toBe("Basic YTpi");
});

test.each([
  ["RS256", rsa],
  ["RS384", rsa],
  ["RS512", rsa],
  ["PS256", rsa],
  ["PS384", rsa],
  ["PS512", rsa],
  ["ES256", ec],
  ["ES384", ec384],
  ["ES512", ec521],
  ["EdDSA", ed],
])("%s is verified", async (alg, key) => {
  const text = token(key, claims({ azp: "client" }), {}, alg);
  const plan = forwarded(await at(jwtRule()).ask({ headers: bearer(text) }));
  expect(plan.token).toMatchObject({
    principal: "https://issuer.example/alice",
    audiences: ["httpbin"],
    presenter: "client",
    claims: { sub: "alice" },
  });
});

describe("refusals", () => {
  const skew = 60;
  test.each<[string, object, number, string]>([
    ["another issuer", { iss: "https://other" }, 401, "Jwt issuer is not configured"],
    ["no issuer", { iss: undefined }, 401, "Jwt issuer is not configured"],
    ["expired", { exp: nowSeconds - skew - 1 }, 401, "Jwt is expired"],
    ["not valid yet", { nbf: nowSeconds + skew + 1 }, 401, "Jwt not yet valid"],
    ["another audience", { aud: ["other"] }, 403, "Audiences in Jwt are not allowed"],
    ["no audience", { aud: undefined }, 403, "Audiences in Jwt are not allowed"],
  ])("%s", async (_name, more, status, body) => {
    const plan = await at(jwtRule({ audiences: ["httpbin"] })).ask({
      target: "/headers?secret=1",
      headers: bearer(token(rsa, claims(more as Record<string, unknown>))),
    });
    expect(replied(plan).reply).toMatchObject({ status, body });
    expect(replyField(plan, "www-authenticate")).toEqual([
      'Bearer realm="http://app.ns/headers", error="invalid_token"',
    ]);
  });

  test.each<[string, object]>([
    ["expired within the leeway", { exp: nowSeconds - skew }],
    ["not valid yet within the leeway", { nbf: nowSeconds + skew }],
    ["without an expiry", { exp: undefined }],
    ["with one audience of several", { aud: ["a", "httpbin"] }],
    ["with an audience as URL", { aud: "https://httpbin/" }],
  ])("none %s", async (_name, more) => {
    const headers = bearer(token(rsa, claims(more as Record<string, unknown>)));
    expect((await at(jwtRule({ audiences: ["httpbin"] })).ask({ headers })).kind).toBe("forward");
  });
});

describe("where tokens are", () => {
  const elsewhere = jwtRule({
    fromHeaders: [
      { name: "X-Jwt", prefix: "" },
      { name: "x-other", prefix: "JWT " },
    ],
    fromParams: ["token"],
    fromCookies: ["session"],
  });
  test.each<[string, L7JwtRule, Asked, string, Record<string, string>]>([
    ["authorization", jwtRule(), { headers: { Authorization: `Bearer ${good}` } }, "/", {}],
    ["authorization in another case", jwtRule(), { headers: { authorization: `bearer  ${good}` } }, "/", {}],
    ["access_token", jwtRule(), { target: `/a?x=1&access_token=${good}&y` }, "/a?x=1&y", {}],
    ["access_token, encoded", jwtRule(), { target: `/a?%61ccess_token=${good}` }, "/a", {}],
    ["a header of its own", elsewhere, { headers: { "x-jwt": good, a: "1" } }, "/", { a: "1" }],
    ["a header with a prefix", elsewhere, { headers: { "X-Other": `JWT ${good}` } }, "/", {}],
    ["a parameter", elsewhere, { target: `/?token=${good}` }, "/", {}],
    ["a cookie", elsewhere, { headers: { cookie: `a=1; session=${good}; b=2` } }, "/", { cookie: "a=1; b=2" }],
    ["the only cookie", elsewhere, { headers: { cookie: `session="${good}"` } }, "/", {}],
  ])("%s", async (_name, rule, asked, target, left) => {
    const plan = forwarded(await at(rule).ask(asked));
    expect(plan.token?.principal).toBe("https://issuer.example/alice");
    expect([plan.target, plan.fields.list]).toEqual([target, Object.entries(left).flat()]);
    const kept = forwarded(await at({ ...rule, forwardOriginalToken: true }).ask(asked));
    expect(kept.target).toBe(asked.target ?? "/");
    expect(kept.fields.list).toEqual(Object.entries(asked.headers ?? {}).flat());
  });

  test.each<[string, L7JwtRule, Asked]>([
    ["authorization, when the rule names another place", elsewhere, { headers: bearer(good) }],
    ["a header without its prefix", elsewhere, { headers: { "x-other": good } }],
  ])("not: %s", async (_name, rule, asked) => {
    expect(forwarded(await at(rule).ask(asked)).token).toBeUndefined();
  });

  test.each<[string, Asked]>([
    ["two fields", { headers: { authorization: [`Bearer ${good}`, "Bearer bad"] } }],
    ["field and parameter", { headers: bearer(good), target: "/?access_token=bad" }],
    ["two parameters", { target: `/?access_token=${good}&access_token=bad` }],
    ["behind another scheme", { headers: { authorization: "Basic x, Bearer bad" } }],
  ])("a bad token gets in behind no good one: %s", async (_name, asked) => {
    expect(replied(await at(jwtRule()).ask(asked)).reply.status).toBe(401);
  });

  test("of tokens of several issuers the first rule's is judged", async () => {
    const second = jwtRule({
      issuer: "https://second",
      jwks: jwks(otherRsa.jwk),
      fromHeaders: [{ name: "x-second", prefix: "" }],
    });
    const other = token(otherRsa, claims({ iss: "https://second", sub: "bob" }));
    const planner = at(jwtRule(), second);
    const principal = async (headers: Record<string, string>) =>
      forwarded(await planner.ask({ headers })).token?.principal;
    expect(await principal({ "x-second": other })).toBe("https://second/bob");
    expect(await principal({ "x-second": other, ...bearer(good) })).toBe("https://issuer.example/alice");
    expect(replied(await planner.ask({ headers: { "x-second": good } })).reply.body).toBe(
      "Jwt issuer is not configured",
    );
  });

  test("rules of one issuer stand beside each other: one that accepts is enough", async () => {
    const planner = at(jwtRule({ audiences: ["other"] }), jwtRule({ audiences: ["httpbin"] }));
    expect((await planner.ask({ headers: bearer(good) })).kind).toBe("forward");
  });
});

test("a preflight is not asked for its token (Istio)", async () => {
  const headers = { ...bearer("bad"), origin: "https://a.test", "access-control-request-method": "GET" };
  const plan = forwarded(await at(jwtRule()).ask({ method: "OPTIONS", headers }));
  expect(plan.token).toBeUndefined();
});

describe("claims in fields", () => {
  const rule = jwtRule({
    outputPayloadToHeader: "X-Payload",
    outputClaimToHeaders: [
      { header: "X-User", claim: "sub" },
      { header: "x-level", claim: "level" },
      { header: "x-admin", claim: "admin" },
      { header: "x-team", claim: "org.team" },
      { header: "x-url", claim: "https://claims.test/role" },
      { header: "x-groups", claim: "groups" },
      { header: "x-odd", claim: "odd" },
      { header: "x-name", claim: "name" },
    ],
  });

  test("are made from the token", async () => {
    const payload = claims({
      level: 3,
      admin: true,
      org: { team: "mesh" },
      "https://claims.test/role": "owner",
      groups: ["a", "b"],
      odd: "a\r\nx-evil: 1",
      name: "Zoë",
    });
    const plan = forwarded(await at(rule).ask({ headers: bearer(token(rsa, payload)) }));
    expect(Object.fromEntries(pairs(plan.fields.list))).toEqual({
      "x-payload": Buffer.from(JSON.stringify(payload)).toString("base64url"),
      "x-user": "alice",
      "x-level": "3",
      "x-admin": "true",
      "x-team": "mesh",
      "x-url": "owner",
      "x-groups": Buffer.from('["a","b"]').toString("base64"),
      "x-name": Buffer.from("Zoë").toString("latin1"),
    });
  });

  test("are never the client's, with a token or without", async () => {
    const sent = { "X-User": "root", "x-payload": "e30", "X-ADMIN": "true", "x-mine": "1" };
    expect(forwarded(at(rule).now({ headers: sent })).fields.list).toEqual(["x-mine", "1"]);
    const plan = forwarded(await at(rule).ask({ headers: { ...sent, ...bearer(good) } }));
    expect([plan.fields.get("x-user"), plan.fields.has("x-admin")]).toEqual(["alice", false]);
  });
});

test("a token without a subject is no principal", async () => {
  const plan = forwarded(await at(jwtRule()).ask({ headers: bearer(token(rsa, claims({ sub: undefined }))) }));
  expect(plan.token?.principal).toBe("");
});

describe("memory", () => {
  const headers = bearer(good);

  test("a token that was verified is judged at once the next time", async () => {
    const planner = at(jwtRule());
    await planner.ask({ headers });
    expect(forwarded(planner.now({ headers })).token?.principal).toBe("https://issuer.example/alice");
  });

  test("outlives a configuration with the same rules, and ends with new keys", async () => {
    const memory = new PlannerMemory();
    const planner = (keys?: string) =>
      rig(service({}, { jwtRules: [jwtRule(keys === undefined ? {} : { jwks: keys })] }), { memory });
    const first = planner();
    await first.ask({ headers });
    expect(planner().now({ headers }).kind).toBe("forward");
    expect(replied(await planner(jwks(otherRsa.jwk)).ask({ headers })).reply.status).toBe(401);
  });

  test("ends with the token's expiry", async () => {
    let clock = nowMs;
    const planner = rig(service({}, { jwtRules: [jwtRule()] }), { now: () => clock });
    await planner.ask({ headers });
    clock = nowMs + 660_000;
    expect(planner.now({ headers }).kind).toBe("forward");
    clock += 1_000;
    expect(replied(planner.now({ headers })).reply.body).toBe("Jwt is expired");
  });

  test("what stands at one place is not taken from another", async () => {
    const planner = at(jwtRule(), jwtRule({ issuer: "https://b", fromHeaders: [{ name: "x-b", prefix: "" }] }));
    await planner.ask({ headers });
    expect(replied(await planner.ask({ headers: { "x-b": good } })).reply.status).toBe(401);
  });
});

const pairs = (list: readonly string[]): [string, string][] =>
  list.flatMap((name, index) => (index % 2 === 0 ? [[name, list[index + 1] ?? ""] as [string, string]] : []));
