import { describe, expect, it } from "vitest";
import { createRoot } from "../../identity/certificate-authority.ts";
import { readSecret } from "../translate/input/secret.ts";
import { checkedSecret } from "./certificate-pair.ts";

const [a, b] = [pair(), pair()];

function pair(): { readonly chain: string; readonly key: string } {
  const { certificatePem, privateKey } = createRoot("test");
  return { chain: certificatePem, key: privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
}

const problemOf = (data: Readonly<Record<string, string>>): string =>
  checkedSecret(
    readSecret({
      metadata: { namespace: "n", name: "s" },
      data: Object.fromEntries(Object.entries(data).map(([name, value]) => [name, btoa(value)])),
    }),
  ).problem;

describe("the certificate of a Secret", () => {
  it.each([
    ["fits its key", { "tls.crt": a.chain, "tls.key": a.key }, ""],
    ["may have Istio's own names", { cert: a.chain, key: a.key }, ""],
    ["goes by Istio's own names first", { cert: a.chain, key: a.key, "tls.crt": a.chain, "tls.key": b.key }, ""],
    [
      "does not fit another key",
      { "tls.crt": a.chain, "tls.key": b.key },
      "the certificate is malformed: tls: private key does not match public key",
    ],
    [
      "is no PEM",
      { "tls.crt": "hello", "tls.key": a.key },
      "the certificate is malformed: tls: failed to find any PEM data in certificate input",
    ],
    [
      "has no PEM beside it",
      { "tls.crt": a.chain, "tls.key": "hello" },
      "the certificate is malformed: tls: failed to find any PEM data in key input",
    ],
    [
      "is PEM of something else",
      { "tls.crt": "-----BEGIN CERTIFICATE-----\naGk=\n-----END CERTIFICATE-----\n", "tls.key": a.key },
      "the certificate is malformed: x509: malformed certificate",
    ],
    [
      "has a key that cannot be read",
      { "tls.crt": a.chain, "tls.key": "-----BEGIN PRIVATE KEY-----\naGk=\n-----END PRIVATE KEY-----\n" },
      "the certificate is malformed: tls: failed to parse private key",
    ],
    ["is empty", { "tls.crt": "", "tls.key": a.key }, 'found keys "tls.crt" and "tls.key", but they were empty'],
    [
      "is not there",
      { a: "1", b: "2", c: "3", d: "4" },
      "found secret, but didn't have expected keys (cert and key) or (tls.crt and tls.key); found: a, b, c, and 1 more...",
    ],
  ])("%s", (_what, data, problem) => {
    expect(problemOf(data)).toBe(problem);
  });
});
