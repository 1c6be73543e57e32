import { expect, test } from "vitest";
import { TokenVerifier } from "./token-verifier.ts";
import { claims, jwtRule, nowMs, otherRsa, rsa, token } from "./tokens.suite.ts";

const watchedOf = (verifier: TokenVerifier) => verifier.locations[0]!;

test("keeps a bounded number of tokens, those used last", async () => {
  const verifier = new TokenVerifier([jwtRule()], 2);
  const watched = watchedOf(verifier);
  const tokens = ["a", "b", "c"].map((sub) => token(rsa, claims({ sub })));
  const [a = "", b = "", c = ""] = tokens;
  await verifier.verify(watched, a, nowMs);
  await verifier.verify(watched, b, nowMs);
  expect(verifier.verify(watched, a, nowMs)).not.toBeInstanceOf(Promise);
  await verifier.verify(watched, c, nowMs);
  expect(verifier.kept).toBe(2);
  expect(verifier.verify(watched, a, nowMs)).not.toBeInstanceOf(Promise);
  expect(verifier.verify(watched, b, nowMs)).toBeInstanceOf(Promise);
});

test("a token that many send at once is verified once", () => {
  const verifier = new TokenVerifier([jwtRule()]);
  const text = token(rsa);
  const [one, other] = [1, 2].map(() => verifier.verify(watchedOf(verifier), text, nowMs));
  expect(one).toBeInstanceOf(Promise);
  expect(one).toBe(other);
});

test("what is refused is not kept", async () => {
  const verifier = new TokenVerifier([jwtRule()]);
  const outcomes = await Promise.all(
    ["bad", token(rsa, claims({ exp: 1 })), token(rsa, claims(), { kid: "other" })].map((text) =>
      verifier.verify(watchedOf(verifier), text, nowMs),
    ),
  );
  expect(outcomes).toEqual(["format", "expired", "noMatchingKey"]);
  expect(verifier.kept).toBe(0);
});

test("a token that names a key which its issuer's set lacks is told of, and refused; others are only refused", async () => {
  const told: string[] = [];
  const verifier = new TokenVerifier([jwtRule()], 2, (issuer) => told.push(issuer));
  const verify = (text: string) => verifier.verify(watchedOf(verifier), text, nowMs);
  expect(await verify(token(otherRsa))).toBe("noMatchingKey");
  expect(told).toEqual(["https://issuer.example"]);
  await verify(token(rsa, claims({ exp: 1 }), { kid: "new" }));
  await verify(token(rsa, claims({ iss: "https://other.example" }), { kid: "new" }));
  await verify(token(otherRsa, claims(), { kid: "rsa" }));
  await verify(token(otherRsa, claims(), { kid: undefined }));
  await verify(token(rsa));
  expect(told).toHaveLength(1);
  const keyless = new TokenVerifier([jwtRule({ jwks: "" })], 2, (issuer) => told.push(issuer));
  expect(await keyless.verify(watchedOf(keyless), token(rsa), nowMs)).toBe("noKeys");
  expect(told).toHaveLength(1);
});
