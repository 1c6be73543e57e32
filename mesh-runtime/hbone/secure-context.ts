import { createSecureContext, type SecureContext } from "node:tls";
import type { CertificateManager } from "../identity/certificate-client.ts";
import type { Certificate } from "../identity/certificate-request.ts";

/** What a pool needs of the certificate manager. */
export type CertificateSource = Pick<CertificateManager, "fetch" | "current" | "onRenewal">;

/**
 * TLS 1.3 alone, and its two AES-GCM suites: what every peer of the mesh speaks, with hardware help everywhere.
 * ALPN `h2` (RFC 9113 §3.2).
 */
export const hboneTls = {
  minVersion: "TLSv1.3",
  maxVersion: "TLSv1.3",
  ciphers: "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256",
  ALPNProtocols: ["h2"],
} as const;

/** Key material in the form of node:tls. */
export const credentialsOf = ({ chain, key, roots }: Certificate): { cert: string; key: string; ca: string[] } => ({
  cert: chain,
  key,
  ca: [...roots],
});

const contexts = new WeakMap<Certificate, SecureContext>();

/** The TLS context of a certificate, made once: parsing PEM costs more than a handshake's symmetric part. */
export function secureContextOf(certificate: Certificate): SecureContext {
  let context = contexts.get(certificate);
  if (context === undefined) {
    const { minVersion, maxVersion, ciphers } = hboneTls;
    context = createSecureContext({ ...credentialsOf(certificate), minVersion, maxVersion, ciphers });
    contexts.set(certificate, context);
  }
  return context;
}
