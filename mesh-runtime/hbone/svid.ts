import { createSecureContext, type SecureContext } from "node:tls";

/** A workload's certificate with its key, and the roots it trusts. */
export interface WorkloadSvid {
  /** `spiffe://<trust domain>/ns/<namespace>/sa/<service account>` */
  readonly identity: string;
  /** Leaf first, then intermediates, PEM. */
  readonly certificateChain: string;
  /** PEM. Never logged. */
  readonly privateKey: string;
  /** PEM, one or several (root rotation). */
  readonly roots: string;
  /** Hexadecimal, upper case. */
  readonly serial: string;
  readonly notBeforeUnixMs: number;
  readonly notAfterUnixMs: number;
}

/** Where proxies get certificates from; the client of the certificate API implements it. */
export interface CertificateSource {
  /** The current certificate of an identity, fetched when needed. Rejects when there is none. */
  svid(identity: string): Promise<WorkloadSvid>;
  /** Calls back on each renewal; returns the way to stop. */
  onRenewed(listener: (svid: WorkloadSvid) => void): () => void;
}

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

const contexts = new WeakMap<WorkloadSvid, SecureContext>();

/** The TLS context of a certificate, made once: parsing PEM costs more than a handshake's symmetric part. */
export function secureContextOf(svid: WorkloadSvid): SecureContext {
  let context = contexts.get(svid);
  if (context === undefined) {
    context = createSecureContext({
      cert: svid.certificateChain,
      key: svid.privateKey,
      ca: svid.roots,
      minVersion: hboneTls.minVersion,
      maxVersion: hboneTls.maxVersion,
      ciphers: hboneTls.ciphers,
    });
    contexts.set(svid, context);
  }
  return context;
}
