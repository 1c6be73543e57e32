import { expect, test } from "vitest";
import { listener, proxyConfig } from "./proxy-fixtures.suite.ts";
import { redactedConfig } from "./redacted-config.ts";

const secret = "s3cr3t-and-nobody-may-see-it";
const jwks = JSON.stringify({
  keys: [
    { kty: "RSA", kid: "public-id", n: "modulus", e: "AQAB", d: secret, p: secret, q: secret },
    { kty: "oct", kid: "shared", k: secret },
  ],
});
const authorizer = {
  name: "opa",
  kind: "http" as const,
  cluster: "",
  authority: "",
  timeoutMs: 1,
  failOpen: false,
  statusOnError: 403,
  pathPrefix: "",
  includeRequestHeaders: ["authorization"],
  includeAdditionalHeaders: [{ name: "x-anything", value: secret }],
  headersToUpstreamOnAllow: [],
  headersToDownstreamOnAllow: [],
  headersToDownstreamOnDeny: [],
  maxRequestBytes: 0,
  allowPartialMessage: false,
};
const config = proxyConfig({
  certificates: [{ key: "a/shop", chain: "CHAIN", privateKey: secret }],
  authorizers: [authorizer],
  listeners: [
    listener(80, {
      jwtRules: [
        {
          policy: "a/jwt",
          issuer: "issuer",
          audiences: [],
          jwks,
          fromHeaders: [{ name: "authorization", prefix: "Bearer " }],
          fromParams: ["access_token"],
          fromCookies: [],
          forwardOriginalToken: false,
          outputPayloadToHeader: "",
          outputClaimToHeaders: [],
        },
      ],
      authorizations: [
        {
          name: "p",
          namespace: "a",
          action: "ALLOW",
          dryRun: false,
          provider: "",
          rules: [
            {
              from: [],
              to: [],
              when: [
                { key: "request.headers[x-api-key]", values: [{ kind: "exact", value: secret }] },
                { key: "request.auth.claims[group]", values: [{ kind: "exact", value: "visible-group" }] },
              ],
            },
          ],
        },
      ],
      routes: [
        {
          key: "HTTPRoute/a/b",
          createdAtMs: 0,
          ordered: false,
          hostnames: [],
          rules: [
            {
              name: "",
              matches: [],
              filters: [
                {
                  kind: "requestHeaders",
                  edit: {
                    set: [
                      { name: "Authorization", value: `Basic ${secret}` },
                      { name: "x-visible", value: "visible-value" },
                    ],
                    add: [{ name: "cookie", value: secret }],
                    remove: [],
                  },
                },
              ],
              backends: [],
              timeouts: { requestMs: 0, perTryMs: 0, idleMs: 0 },
              retry: undefined,
              fault: undefined,
            },
          ],
        },
      ],
    }),
  ],
});

test("no private key, shared key, added header or telling field leaves the process", () => {
  expect(JSON.stringify(redactedConfig(config))).not.toContain(secret);
});

test("what helps to understand stays: chains, public keys, issuers, claims, other headers", () => {
  const text = JSON.stringify(redactedConfig(config));
  for (const visible of ["CHAIN", "modulus", "public-id", "issuer", "visible-group", "visible-value", "access_token"]) {
    expect(text).toContain(visible);
  }
});

test("a key set that is none is not shown at all", () => {
  const [first] = config.listeners;
  const broken = { ...config, listeners: [{ ...first, jwtRules: [{ jwks: secret }] }] } as never;
  expect(JSON.stringify(redactedConfig(broken))).not.toContain(secret);
});
