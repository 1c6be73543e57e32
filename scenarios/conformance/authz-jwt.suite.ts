import { beforeAll, describe, expect, test } from "vitest";
import { enact, retract } from "../manifests.ts";
import { allowed, at, curl, denied, joined, mesh, policy, says, stranger, to } from "./authz-place.ts";
import { type Case, check } from "./cases.ts";
import { eventually } from "./eventually.ts";
import { confused, Issuer, issuer, unsigned } from "./tokens.ts";

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

/** Rules for tokens of the Service of a table. */
export const authentication = (name: string, service: string, rules: string): string => `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: ${name}, namespace: ${at} }
spec:
  targetRefs: [{ group: "", kind: Service, name: ${service} }]
  jwtRules: ${rules}
`;

export function jwtSuite(): void {
  let keys: Issuer;
  beforeAll(async () => {
    keys = await Issuer.create();
  });
  const unauthorized = (body?: string): Case[1] => ({ status: 401, ...(body !== undefined && { body }) });

  describe("Istio's task: end-user authentication", () => {
    test("a request without token passes, with a bad one it does not, with a good one of each algorithm it does", async () => {
      await enact(mesh, authentication("jwt-example", "jwt", `[{ issuer: "${issuer}", jwks: '${keys.keys}' }]`));
      const good = await keys.sign();
      const [head = "", payload = "", signature = ""] = good.split(".");
      await check(curl, to("jwt"), [
        [{}, allowed],
        [{ headers: bearer("deadbeef") }, unauthorized()],
        [{ headers: bearer(good) }, { ...allowed, seen: { authorization: null } }],
        [{ headers: bearer(await keys.sign({ alg: "ES256" })) }, allowed],
        [{ headers: bearer(await keys.sign({ alg: "EdDSA" })) }, allowed],
        [{ path: `/?access_token=${good}` }, allowed],
        [{ headers: bearer(await keys.sign({ expires: -120 })) }, unauthorized("Jwt is expired")],
        [{ headers: bearer(await keys.sign({ notBefore: 300 })) }, unauthorized("Jwt not yet valid")],
        [
          { headers: bearer(await keys.sign({ issuer: "somebody@else" })) },
          unauthorized("Jwt issuer is not configured"),
        ],
        [{ headers: bearer(await keys.sign({ forged: true })) }, unauthorized("Jwt verification fails")],
        [{ headers: bearer(`${head}.${payload}.`) }, unauthorized()],
        [{ headers: bearer(`${head}.${payload}.${signature}`.replace(payload, `${payload}A`)) }, unauthorized()],
        [{ headers: bearer(unsigned()) }, unauthorized()],
        [{ headers: bearer(await confused(keys.keys)) }, unauthorized()],
        [{ path: "/?access_token=deadbeef" }, unauthorized()],
      ]);
    });

    test("required everywhere, then on one path only (DENY notRequestPrincipals)", async () => {
      const good = bearer(await keys.sign());
      await enact(
        mesh,
        policy("require-jwt", "jwt", "DENY", '[{ from: [{ source: { notRequestPrincipals: ["*"] } }] }]'),
      );
      await check(curl, to("jwt"), [
        [{ path: "/headers" }, denied],
        [{ path: "/headers", headers: good }, allowed],
      ]);
      await enact(
        mesh,
        policy(
          "require-jwt",
          "jwt",
          "DENY",
          '[{ from: [{ source: { notRequestPrincipals: ["*"] } }], to: [{ operation: { paths: [/headers] } }] }]',
        ),
      );
      await check(curl, to("jwt"), [
        [{ path: "/headers" }, denied],
        [{ path: "/headers", headers: good }, allowed],
        [{ path: "/ip" }, allowed],
        [{ path: "/ip", headers: bearer("deadbeef") }, unauthorized()],
      ]);
    });

    test("tokens from headers with prefixes, queries and cookies; audiences; claims into headers; forwarding", async () => {
      await enact(
        mesh,
        authentication(
          "places",
          "places",
          `
    - issuer: "${issuer}"
      jwks: '${keys.keys}'
      audiences: [bookstore, cafe]
      fromHeaders: [{ name: x-jwt }, { name: x-prefixed, prefix: "Token " }]
      fromParams: [my_token]
      fromCookies: [session]
      forwardOriginalToken: true
      outputClaimToHeaders: [{ header: x-sub, claim: sub }, { header: x-team, claim: nested.team }, { header: x-object, claim: nested }]
      outputPayloadToHeader: x-payload`,
        ),
      );
      const good = await keys.sign({ audience: "cafe", claims: { nested: { team: "a" } } });
      const payload = good.split(".")[1] ?? "";
      await check(curl, to("places"), [
        [{ headers: { "x-jwt": good } }, { ...allowed, seen: { "x-sub": issuer, "x-team": "a", "x-jwt": good } }],
        [
          { headers: { "x-prefixed": `Token ${good}` } },
          { ...allowed, seen: { "x-sub": issuer, "x-payload": payload } },
        ],
        [{ path: `/?my_token=${good}` }, { ...allowed, target: `/?my_token=${good}`, seen: { "x-sub": issuer } }],
        [{ headers: { cookie: `a=b; session=${good}; c=d` } }, { ...allowed, seen: { "x-sub": issuer } }],
        // Where nobody looks it is no token, and the client's own claims are not believed.
        [
          { headers: { ...bearer(good), "x-sub": "mallory", "x-payload": "e30" } },
          { ...allowed, seen: { "x-sub": null, "x-payload": null } },
        ],
        [
          { headers: { "x-jwt": good, "x-sub": "mallory", "X-Team": "b" } },
          { ...allowed, seen: { "x-sub": issuer, "x-team": "a" } },
        ],
        [
          { headers: { "x-jwt": await keys.sign({ audience: "other" }) } },
          { status: 403, body: "Audiences in Jwt are not allowed" },
        ],
        [{ headers: { "x-jwt": await keys.sign() } }, { status: 403, body: "Audiences in Jwt are not allowed" }],
        [{ headers: { "x-jwt": good, cookie: "session=deadbeef" } }, unauthorized()],
      ]);
    });

    test("keys by URL from a server of the mesh; nobody's tokens while it does not answer", async () => {
      const put = (body: string): Promise<void> =>
        check(stranger, { to: "ext-authz.ext:8000" }, [[{ path: "/keys", method: "PUT", body }, {}]]);
      await put(keys.keys);
      await enact(
        mesh,
        authentication(
          "fetched",
          "fetched",
          `[{ issuer: "${issuer}", jwksUri: "http://ext-authz.ext.svc.cluster.local:8000/keys" }]`,
        ),
      );
      await says("RequestAuthentication", "fetched", ["towpath.dev/Effective", "True", "Effective"]);
      await eventually(async () =>
        check(curl, to("fetched"), [
          [{ headers: bearer(await keys.sign()) }, allowed],
          [{ headers: bearer(await keys.sign({ forged: true })) }, unauthorized()],
        ]),
      );
      await enact(
        mesh,
        authentication(
          "fetched",
          "fetched",
          `[{ issuer: "${issuer}", jwksUri: "http://nobody.ext.svc.cluster.local:8000/keys" }]`,
        ),
      );
      await says("RequestAuthentication", "fetched", ["towpath.dev/Effective", "False", "JwksUnavailable"]);
      await eventually(async () =>
        check(curl, to("fetched"), [
          [{ headers: bearer(await keys.sign()) }, unauthorized()],
          [{}, allowed],
        ]),
      );
    });
  });

  test("Istio's task: authorization with JWT — principals, claims as text, list, nested, scope", async () => {
    const source = `from: [{ source: { requestPrincipals: ["${issuer}/${issuer}"] } }]`;
    await enact(
      mesh,
      joined(
        authentication("claims", "claims", `[{ issuer: "${issuer}", jwks: '${keys.keys}' }]`),
        policy("require-jwt-claims", "claims", "ALLOW", `[{ ${source} }]`),
      ),
    );
    const plain = bearer(await keys.sign());
    await check(curl, to("claims"), [
      [{ headers: bearer("invalidToken") }, unauthorized()],
      [{}, denied],
      [{ headers: plain }, allowed],
      [{ headers: bearer(await keys.sign({ claims: { sub: "somebody" } })) }, denied],
    ]);
    const when = (key: string, values: string, not = ""): string =>
      `{ to: [{ operation: { paths: [/${key.replaceAll(/[[\]@.]/g, "-")}${not}] } }], ${source}, when: [{ key: "request.auth.${key}", ${not === "" ? "values" : "notValues"}: [${values}] }] }`;
    await enact(
      mesh,
      policy(
        "require-jwt-claims",
        "claims",
        "ALLOW",
        `[${[
          when("claims[groups]", "group1"),
          when("claims[groups]", "group1", "-not"),
          when("claims[nested][key1]", '"value*"'),
          when("claims[scope]", '"read:orders"'),
          when("claims[admin]", '"true"'),
          when("audiences", "bookstore"),
          when("presenter", "presenter1"),
          when("principal", '"*@secure.istio.io"'),
        ].join(", ")}]`,
      ),
    );
    const row = async (path: string, claims: Record<string, unknown>, expected: Case[1]): Promise<Case> => [
      { path, headers: bearer(await keys.sign({ claims })) },
      expected,
    ];
    await check(curl, to("claims"), [
      await row("/claims-groups-", { groups: ["group1", "group2"] }, allowed),
      await row("/claims-groups-", { groups: "group1" }, allowed),
      await row("/claims-groups-", { groups: ["group2"] }, denied),
      await row("/claims-groups-", { groups: ["group10"] }, denied),
      await row("/claims-groups-", {}, denied),
      await row("/claims-groups--not", { groups: ["group2"] }, allowed),
      await row("/claims-groups--not", { groups: ["group1", "group2"] }, denied),
      await row("/claims-nested--key1-", { nested: { key1: "valueA" } }, allowed),
      await row("/claims-nested--key1-", { nested: { key1: ["x", "valueB"] } }, allowed),
      await row("/claims-nested--key1-", { nested: { key2: "valueA" } }, denied),
      await row("/claims-nested--key1-", { "nested][key1": "valueA" }, denied),
      await row("/claims-scope-", { scope: "read:orders write:orders" }, allowed),
      await row("/claims-scope-", { scope: "read:orders2" }, denied),
      await row("/audiences", { aud: ["cafe", "bookstore"] }, allowed),
      await row("/audiences", { aud: "bookstore" }, allowed),
      await row("/audiences", { aud: "cafe" }, denied),
      await row("/presenter", { azp: "presenter1" }, allowed),
      await row("/presenter", { azp: "presenter2" }, denied),
      await row("/principal", {}, allowed),
      [{ path: "/principal" }, denied],
    ]);
    expect(await says("RequestAuthentication", "claims", ["towpath.dev/Effective", "True", "Effective"])).toContain(
      "claims",
    );
    await retract(mesh, policy("require-jwt-claims", "claims", "ALLOW", "[]"));
  });
}
