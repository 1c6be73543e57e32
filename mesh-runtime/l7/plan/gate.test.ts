/** The order of policies, and what telemetry gets to know. Istio's documented cases of authorization by tokens. */
import { describe, expect, test } from "vitest";
import type { HttpAuthorization, HttpRule } from "../../policy/http-model.ts";
import { bearer, claims, jwtRule, rsa, token } from "./jwt/tokens.suite.ts";
import {
  type Asked,
  config,
  forwarded,
  gateway,
  listener,
  noPolicies,
  peerOf,
  replied,
  rig,
  route,
  rule,
  service,
  statusOf,
} from "./planner-rig.suite.ts";

const policy = (
  name: string,
  action: HttpAuthorization["action"],
  rules: readonly Partial<HttpRule>[],
  more: Partial<HttpAuthorization> = {},
): HttpAuthorization => ({
  name,
  namespace: "ns",
  action,
  dryRun: false,
  provider: "",
  rules: rules.map((given) => ({ from: [], to: [], when: [], ...given })),
  ...more,
});
const get = { to: [{ methods: [{ kind: "exact" as const, value: "GET" }] }] };
const admin = { to: [{ paths: [{ kind: "prefix" as const, value: "/admin" }] }] };
const signedIn = { from: [{ requestPrincipals: [{ kind: "prefix" as const, value: "https://issuer.example/" }] }] };
const staff = { when: [{ key: "request.auth.claims[groups]", values: [{ kind: "exact" as const, value: "staff" }] }] };

describe("authorization", () => {
  const at = (...authorizations: HttpAuthorization[]) => rig(service({}, { authorizations }));

  test("a refusal has Istio's text for the caller and its reason for telemetry", () => {
    const plan = replied(at(policy("d", "DENY", [get, admin])).now({ method: "POST", target: "/admin" }));
    expect(plan).toMatchObject({
      reply: { status: 403, flag: "RBAC_ACCESS_DENIED", body: "RBAC: access denied" },
      refusal: { reason: "denied-by-policy", policy: "ns/d", rule: 1, attribute: "request.path" },
      decision: { allowed: false },
      path: "/admin",
      service: "ns/app",
      port: 80,
    });
  });

  test("DENY comes before ALLOW, and no matching ALLOW refuses", () => {
    const planner = at(policy("a", "ALLOW", [get]), policy("d", "DENY", [admin]));
    expect(statusOf(planner.now())).toBe(200);
    expect(replied(planner.now({ target: "/admin" })).refusal?.policy).toBe("ns/d");
    expect(replied(planner.now({ method: "PUT" })).refusal?.reason).toBe("no-allow-policy-matched");
  });

  test("the path is judged normalized", () => {
    const planner = at(policy("d", "DENY", [admin]));
    for (const target of ["/a/../admin", "/%61dmin", "/./admin", "\\admin", "/x/%2e%2e/admin"]) {
      expect([target, statusOf(planner.now({ target }))]).toEqual([target, 403]);
    }
  });

  test("policy comes before routes: what is refused does not tell which routes there are", () => {
    const none = rig(service({ routes: [route("ns/r", [])] }, { authorizations: [policy("a", "ALLOW", [])] }));
    expect(statusOf(none.now())).toBe(403);
  });

  test("AUDIT is noted and refuses nothing", () => {
    expect(forwarded(at(policy("audit", "AUDIT", [get])).now()).audited).toEqual(["ns/audit"]);
  });

  test("dry run is told only where it differs from what was decided", () => {
    const dry = policy("dry", "DENY", [admin], { dryRun: true });
    const planner = at(policy("a", "ALLOW", [get]), dry);
    expect(forwarded(planner.now()).shadow).toBeUndefined();
    expect(forwarded(planner.now({ target: "/admin" })).shadow).toMatchObject({ allowed: false, policy: "ns/dry" });
  });

  test("identity is of the connection, not of what it says", () => {
    const from = [{ serviceAccounts: [{ namespace: "default", serviceAccount: "sleep" }] }];
    const planner = at(policy("a", "ALLOW", [{ from }]));
    expect(statusOf(planner.now())).toBe(200);
    const headers = { "x-forwarded-client-cert": "URI=spiffe://cluster.local/ns/default/sa/sleep" };
    expect(statusOf(planner.now({ headers, peer: peerOf({ principal: undefined }) }))).toBe(403);
  });
});

describe("the demo story's rules at httpbin", () => {
  const testMe = (values: { kind: "presence" }[] | undefined, notValues?: { kind: "presence" }[]) => ({
    key: "request.headers[X-Test-Me]",
    ...(values === undefined ? {} : { values }),
    ...(notValues === undefined ? {} : { notValues }),
  });
  const sleepGets = {
    from: [{ serviceAccounts: [{ namespace: "default", serviceAccount: "sleep" }] }],
    to: [
      {
        methods: [{ kind: "exact" as const, value: "GET" }],
        paths: [{ kind: "exact" as const, value: "/headers" }],
        ports: [80],
      },
    ],
  };
  const present = rig(
    service({}, { authorizations: [policy("a", "ALLOW", [{ ...sleepGets, when: [testMe([{ kind: "presence" }])] }])] }),
  );
  const absent = rig(
    service(
      {},
      { authorizations: [policy("a", "ALLOW", [{ ...sleepGets, when: [testMe(undefined, [{ kind: "presence" }])] }])] },
    ),
  );
  const headers = { "X-TEST-ME": "1" };

  test.each<[string, Asked, number]>([
    ["/headers with the header", { target: "/headers", headers }, 200],
    ["/headers without", { target: "/headers" }, 403],
    ["/ip", { target: "/ip", headers }, 403],
    ["POST", { target: "/headers", method: "POST", headers }, 403],
    ["with a query", { target: "/headers?a=b", headers }, 200],
    ["somebody else", { target: "/headers", headers, peer: peerOf({ principal: "cluster.local/ns/x/sa/y" }) }, 403],
  ])("%s", (_name, asked, status) => {
    expect(statusOf(present.now(asked))).toBe(status);
  });

  test("the header absent", () => {
    expect(statusOf(absent.now({ target: "/headers" }))).toBe(200);
    expect(statusOf(absent.now({ target: "/headers", headers }))).toBe(403);
  });
});

describe("tokens and authorization", () => {
  const planner = rig(
    service({}, { jwtRules: [jwtRule()], authorizations: [policy("signed-in", "ALLOW", [{ ...signedIn, ...staff }])] }),
  );
  test.each<[string, Record<string, string>, number]>([
    ["no token", {}, 403],
    ["another issuer", bearer(token(rsa, claims({ iss: "https://other" }))), 401],
    ["expired", bearer(token(rsa, claims({ exp: 1 }))), 401],
    ["without the claim", bearer(token(rsa)), 403],
    ["with another value", bearer(token(rsa, claims({ groups: ["guests"] }))), 403],
    ["with the claim in a list", bearer(token(rsa, claims({ groups: ["guests", "staff"] }))), 200],
    ["with the claim as text", bearer(token(rsa, claims({ groups: "staff" }))), 200],
  ])("%s", async (_name, headers, status) => {
    expect(statusOf(await planner.ask({ headers }))).toBe(status);
  });

  test("a policy that forbids anonymous callers takes those without a token", async () => {
    const deny = policy("d", "DENY", [{ from: [{ notRequestPrincipals: [{ kind: "presence" }] }] }]);
    const at = rig(service({}, { jwtRules: [jwtRule()], authorizations: [deny] }));
    expect(statusOf(await at.ask())).toBe(403);
    expect(statusOf(await at.ask({ headers: bearer(token(rsa)) }))).toBe(200);
  });
});

describe("listeners with TLS", () => {
  const secure = (hostname: string, name: string) =>
    listener([route("ns/r", [rule(name)])], {
      hostname,
      name,
      port: 443,
      protocol: "HTTPS",
      authorizations: name === "open" ? [] : [policy("closed", "ALLOW", [])],
    });
  const planner = rig(gateway(secure("open.test", "open"), secure("closed.test", "closed")), {
    config: config({ kind: "gateway" }),
  });
  const ask = (sni: string, authority: string) =>
    statusOf(planner.now({ authority, scheme: "https", peer: peerOf({ sni, scheme: "https" }) }));

  test("a connection reaches the listener that it was made for, and no other (GEP-3567)", () => {
    expect(ask("open.test", "open.test")).toBe(200);
    expect(ask("closed.test", "closed.test")).toBe(403);
    expect(ask("closed.test", "open.test")).not.toBe(200);
    expect(ask("open.test", "nowhere.test")).toBe(403);
  });

  test("without policies the answer says that the host is of another listener", () => {
    const open = rig(gateway({ ...secure("a.test", "open") }, { ...secure("b.test", "open") }));
    const misdirected = open.now({
      authority: "b.test",
      scheme: "https",
      peer: peerOf({ sni: "a.test", scheme: "https" }),
    });
    expect(statusOf(misdirected)).toBe(421);
  });
});

test("a defect inside refuses, and neither throws nor lets through", async () => {
  const broken = {
    ...peerOf(),
    get sourceIp(): string {
      throw new Error("defect");
    },
  };
  const planner = rig(service({}, noPolicies));
  expect(statusOf(await planner.ask({ peer: broken }))).toBe(500);
});
