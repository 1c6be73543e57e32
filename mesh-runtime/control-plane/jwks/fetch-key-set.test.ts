import { describe, expect, it } from "vitest";
import { fetchKeySet } from "./fetch-key-set.ts";

const path = "/.well-known/openid-configuration";
const jwks = '{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qY"}]}';
const never = new AbortController().signal;

/** An issuer whose documents are given by URL. */
const issuer = (documents: Readonly<Record<string, unknown>>) => async (url: string) => ({
  body: url in documents ? JSON.stringify(documents[url]) : jwks,
});

describe("the keys of an issuer", () => {
  const url = `https://issuer.example${path}`;

  it("may be at any address that its document names over https", async () => {
    const get = issuer({ [url]: { issuer: "https://issuer.example", jwks_uri: "https://keys.example/v1" } });
    expect(await fetchKeySet({ url, discovery: true }, get, never)).toEqual({ jwks, maxAgeMs: undefined });
  });

  it.each([
    ["a document over https names keys without", { issuer: "https://issuer.example", jwks_uri: "http://keys.example" }],
    ["it speaks for a longer name", { issuer: "https://issuer.example.evil", jwks_uri: "https://keys.example" }],
    ["it speaks for nobody", { jwks_uri: "https://keys.example" }],
    ["it names no text", { issuer: "https://issuer.example", jwks_uri: ["https://keys.example"] }],
    ["it is a list", []],
  ])("are not fetched when %s", async (_what, document) => {
    await expect(fetchKeySet({ url, discovery: true }, issuer({ [url]: document }), never)).rejects.toMatchObject({
      code: "bad-content",
    });
  });

  it("over http may be named over http", async () => {
    const plain = `http://issuer.shop${path}`;
    const get = issuer({ [plain]: { issuer: "http://issuer.shop", jwks_uri: "http://issuer.shop/keys" } });
    expect(await fetchKeySet({ url: plain, discovery: true }, get, never)).toMatchObject({ jwks });
  });
});
