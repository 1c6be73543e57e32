import { createPrivateKey, X509Certificate } from "node:crypto";
import type { SecretInput } from "../translate/input/secret.ts";

/**
 * Adds to a Secret what only cryptography can tell: that its certificate and key can be read and belong together. The
 * texts are Go's `tls.X509KeyPair`, which Istio shows. Nothing of the key gets into them.
 */
export function checkedSecret(secret: SecretInput): SecretInput {
  const problem = secret.problem === "" ? pairProblem(secret.chain, secret.privateKey) : secret.problem;
  return problem === secret.problem ? secret : { ...secret, problem };
}

function pairProblem(chain: string, privateKey: string): string {
  const malformed = (what: string): string => `the certificate is malformed: ${what}`;
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(chain);
  } catch {
    return malformed("x509: malformed certificate");
  }
  try {
    return certificate.checkPrivateKey(createPrivateKey(privateKey))
      ? ""
      : malformed("tls: private key does not match public key");
  } catch {
    return malformed("tls: failed to parse private key");
  }
}
