import { Metadata, status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import type { TokenVerdict } from "../../kube-client/tokens.ts";
import { createTokenAuthenticator } from "./token-authenticator.ts";

const verdict = (parts: Partial<Extract<TokenVerdict, { authenticated: true }>> = {}): TokenVerdict => ({
  authenticated: true,
  username: "system:serviceaccount:istio-system:ztunnel",
  uid: "1",
  groups: [],
  extra: {
    "authentication.kubernetes.io/node-name": ["node-a"],
    "authentication.kubernetes.io/pod-name": ["ztunnel-x"],
  },
  audiences: ["istio-ca"],
  ...parts,
});
const withToken = (...values: readonly string[]) => {
  const metadata = new Metadata();
  for (const value of values) {
    metadata.add("authorization", value);
  }
  return metadata;
};

describe("token authentication", () => {
  it("reads ServiceAccount, node and pod from the review, for our audience", async () => {
    const asked: unknown[] = [];
    const authenticator = createTokenAuthenticator(async (...question) => {
      asked.push(question);
      return verdict();
    });
    expect(await authenticator.authenticate(withToken("Bearer abc"))).toEqual({
      namespace: "istio-system",
      serviceAccount: "ztunnel",
      node: "node-a",
      pod: "ztunnel-x",
    });
    expect(asked).toEqual([["abc", ["istio-ca"]]]);
  });

  it.each([
    ["no token", withToken(), verdict(), "no-token"],
    ["another scheme", withToken("Basic abc"), verdict(), "no-token"],
    ["two tokens", withToken("Bearer abc", "Bearer def"), verdict(), "no-token"],
    ["a token of unreasonable length", withToken(`Bearer ${"a".repeat(20_000)}`), verdict(), "no-token"],
    [
      "a token that the API refuses",
      withToken("Bearer abc"),
      { authenticated: false, error: "x" } as const,
      "invalid-token",
    ],
    [
      "an API server that does not confirm the audience",
      withToken("Bearer abc"),
      verdict({ audiences: [] }),
      "invalid-token",
    ],
    ["a user", withToken("Bearer abc"), verdict({ username: "admin" }), "not-a-service-account"],
    ["a node", withToken("Bearer abc"), verdict({ username: "system:node:node-a" }), "not-a-service-account"],
    [
      "a name with a part too many",
      withToken("Bearer abc"),
      verdict({ username: "system:serviceaccount:a:b:c" }),
      "not-a-service-account",
    ],
  ])("refuses %s", async (_what, metadata, answer, code) => {
    const authenticator = createTokenAuthenticator(async () => answer);
    await expect(authenticator.authenticate(metadata)).rejects.toMatchObject({
      code,
      grpcStatus: status.UNAUTHENTICATED,
    });
  });

  it("says unavailable, not unauthenticated, when the API server does not answer", async () => {
    const authenticator = createTokenAuthenticator(() => Promise.reject(new Error("down")));
    await expect(authenticator.authenticate(withToken("Bearer abc"))).rejects.toMatchObject({
      code: "unavailable",
      grpcStatus: status.UNAVAILABLE,
    });
  });

  it("asks again after ten seconds, and never keeps a refusal", async () => {
    let nowMs = 0;
    let reviews = 0;
    let answer: TokenVerdict = { authenticated: false, error: "x" };
    const authenticator = createTokenAuthenticator(
      async () => {
        reviews += 1;
        return answer;
      },
      { now: () => nowMs },
    );
    const ask = () => authenticator.authenticate(withToken("Bearer abc"));
    await expect(ask()).rejects.toThrow();
    answer = verdict();
    await ask();
    await ask();
    expect(reviews).toBe(2);
    nowMs = 10_000;
    answer = { authenticated: false, error: "deleted" };
    await expect(ask()).rejects.toThrow();
    expect(reviews).toBe(3);
  });
});
