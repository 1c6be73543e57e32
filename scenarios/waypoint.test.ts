import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Company } from "./company.ts";
import { enact, giveWaypoint, retract } from "./manifests.ts";

const httpbin = "http://httpbin.default:8000";
let company: Company;
beforeAll(async () => {
  company = await Company.start();
  await giveWaypoint(company.mesh, "default", ["httpbin", "sleep"]);
});
afterAll(async () => {
  await company?.[Symbol.asyncDispose]();
});

const guard = `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: httpbin-only-waypoint, namespace: default }
spec:
  selector: { matchLabels: { app: httpbin } }
  action: ALLOW
  rules: [{ from: [{ source: { serviceAccounts: [default/waypoint] } }] }]
`;

const allowWhen = (operation: string, when = "[]"): string => `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: httpbin-allow, namespace: default }
spec:
  targetRefs: [{ group: "", kind: Service, name: httpbin }]
  action: ALLOW
  rules:
    - from: [{ source: { serviceAccounts: [default/sleep] } }]
      to: [{ operation: ${operation} }]
      when: ${when}
---${guard}`;

const header = (line: string): string[] => ["-H", line];
const get = "{ methods: [GET], paths: [/headers] }";

describe("a waypoint lets sleep call httpbin", () => {
  test("before any rule: everything, through the waypoint", async () => {
    expect(await company.status(`${httpbin}/ip`)).toBe(200);
    await company.mesh.collector.until(
      ({ batches }) =>
        batches
          .flatMap(({ requests }) => requests)
          .find(({ labels }) => labels.reporter === "waypoint" && labels.destination_workload === "httpbin"),
      "a request that the waypoint counted",
    );
  });

  test.each([
    {
      name: "only GET /headers with x-test-me present",
      policy: allowWhen(get, '[{ key: "request.headers[x-test-me]", values: ["*"] }]'),
      cases: [
        ["/ip", [], 403],
        ["/headers", [], 403],
        ["/headers", header("x-test-me: 1"), 200],
        ["/headers", ["-X", "POST", ...header("x-test-me: 1")], 403],
        ["/headers/../headers", header("x-test-me: 1"), 200],
        ["/headers%2f..%2fip", header("x-test-me: 1"), 403],
      ],
    },
    {
      name: "with the header absent",
      policy: allowWhen(get, '[{ key: "request.headers[x-test-me]", notValues: ["*"] }]'),
      cases: [
        ["/headers", [], 200],
        ["/headers", header("x-test-me: 1"), 403],
      ],
    },
    {
      name: "with a value of the header",
      policy: allowWhen(get, '[{ key: "request.headers[x-test-me]", values: ["yes", "pre*"] }]'),
      cases: [
        ["/headers", header("x-test-me: yes"), 200],
        ["/headers", header("X-Test-Me: prefixed"), 200],
        ["/headers", header("x-test-me: no"), 403],
      ],
    },
    {
      name: "by several verbs, a path prefix and a suffix",
      policy: allowWhen('{ methods: [GET, POST], paths: ["/anything/*", "*/json"] }'),
      cases: [
        ["/anything/x", [], 200],
        ["/anything/x", ["-X", "POST", "--body", "a"], 200],
        ["/anything/x", ["-X", "DELETE"], 403],
        ["/status/json", [], 400],
        ["/headers", [], 403],
      ],
    },
    {
      name: "by a template of the path",
      policy: allowWhen('{ paths: ["/anything/{*}/orders"] }'),
      cases: [
        ["/anything/1/orders", [], 200],
        ["/anything/1/2/orders", [], 403],
        ["/anything/orders", [], 403],
      ],
    },
  ] as const)("$name", async ({ policy, cases }) => {
    await enact(company.mesh, policy);
    const seen = [];
    for (const [path, flags] of cases) {
      seen.push([path, flags, await company.status(`${httpbin}${path}`, ...flags)]);
    }
    expect(seen).toEqual(cases);
  });

  test("a refusal says where, by which policy and why", async () => {
    await enact(company.mesh, allowWhen(get));
    expect(await company.status(`${httpbin}/ip`)).toBe(403);
    const denial = await company.mesh.collector.until(
      ({ denials }) => denials.find(({ hop, path }) => hop === "waypoint" && path === "/ip"),
      "the refusal at the waypoint",
    );
    expect(denial).toMatchObject({
      reason: "no-allow-policy-matched",
      policy: "default/httpbin-allow",
      attribute: "request.path",
      method: "GET",
      answer: 403,
    });
    expect(denial.labels).toMatchObject({
      source_principal: "spiffe://cluster.local/ns/default/sa/sleep",
      destination_service: "httpbin.default.svc.cluster.local",
    });
  });

  test("nobody gets past it: the pod's own address is refused by the guard", async () => {
    await enact(company.mesh, allowWhen(get));
    const [pod] = await company.pods("default", "httpbin");
    const [answer] = await company.ask(
      { namespace: "default", app: "sleep" },
      `http://${pod?.status?.podIP}:8000/headers`,
    );
    expect(answer?.status).toBe(503);
  });
});

describe("a signed-in user", () => {
  const issuer = "https://issuer.example";

  test("no token 403, wrong issuer 401, expired 401, right claim 200, wrong claim 403", async () => {
    const { publicKey, privateKey } = await generateKeyPair("RS256");
    const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "k1", alg: "RS256", use: "sig" }] });
    const token = (claims: Record<string, unknown>, from = issuer, expires = "5m"): Promise<string> =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: "RS256", kid: "k1" })
        .setIssuer(from)
        .setSubject("ada")
        .setAudience("httpbin")
        .setIssuedAt(Math.floor(Date.now() / 1000) - 600)
        .setExpirationTime(expires === "past" ? Math.floor(Date.now() / 1000) - 300 : expires)
        .sign(privateKey);
    const rules = `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: httpbin-jwt, namespace: default }
spec:
  targetRefs: [{ group: "", kind: Service, name: httpbin }]
  jwtRules: [{ issuer: "${issuer}", audiences: [httpbin], jwks: '${jwks}', forwardOriginalToken: true, outputClaimToHeaders: [{ header: x-user, claim: sub }] }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: httpbin-allow, namespace: default }
spec:
  targetRefs: [{ group: "", kind: Service, name: httpbin }]
  action: ALLOW
  rules:
    - from: [{ source: { requestPrincipals: ["${issuer}/*"], serviceAccounts: [default/sleep] } }]
      when: [{ key: "request.auth.claims[groups]", values: [staff] }]
---${guard}`;
    await enact(company.mesh, rules);
    const ask = async (jwt?: string): Promise<number> =>
      await company.status(`${httpbin}/headers`, ...(jwt === undefined ? [] : header(`Authorization: Bearer ${jwt}`)));
    expect(await ask()).toBe(403);
    expect(await ask(await token({ groups: ["staff"] }, "https://other.example"))).toBe(401);
    expect(await ask(await token({ groups: ["staff"] }, issuer, "past"))).toBe(401);
    expect(await ask(`${await token({ groups: ["staff"] })}x`)).toBe(401);
    expect(await ask(await token({ groups: ["guests"] }))).toBe(403);
    const good = await token({ groups: ["staff"] });
    expect(await ask(good)).toBe(200);
    const [answer] = await company.ask(
      { namespace: "default", app: "sleep" },
      `${httpbin}/headers`,
      ...header(`Authorization: Bearer ${good}`),
      ...header("x-user: mallory"),
    );
    expect(answer?.body).toContain('"ada"');
    expect(answer?.body).not.toContain("mallory");
    await retract(company.mesh, rules);
  });
});

describe("a rate limit of 10 a second for each caller", () => {
  test("the eleventh is 429 with retry-after, another caller is not touched", async () => {
    const limit = `
apiVersion: towpath.dev/v1alpha1
kind: RateLimitPolicy
metadata: { name: httpbin, namespace: default }
spec:
  targetRefs: [{ group: "", kind: Service, name: httpbin }]
  limits: [{ name: per-caller, requests: 10, interval: 10s, per: Identity }]
`;
    await enact(company.mesh, limit);
    const sleep = { namespace: "default", app: "sleep" };
    const answers = await company.ask(sleep, `${httpbin}/get`, "--count", "11");
    expect(answers.map(({ status }) => status)).toEqual([...Array(10).fill(200), 429]);
    expect((answers[10] as { headers?: Record<string, string> }).headers?.["retry-after"]).toMatch(/^[1-9]\d*$/);
    const [other] = await company.ask({ namespace: "web-api", app: "web-api" }, `${httpbin}/get`);
    expect(other?.status).toBe(200);
    await company.mesh.collector.until(
      ({ denials }) => denials.find(({ reason }) => reason === "rate-limited"),
      "the refusal by the rate limit",
    );
    await retract(company.mesh, limit);
  });
});
