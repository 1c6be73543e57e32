import type { TLSSocket } from "node:tls";
import { type CertificateFields, readCertificate } from "./certificate-fields.ts";
import { formatSpiffeId, parseWorkloadIdentity, type WorkloadIdentity } from "./spiffe-id.ts";

export type PeerCertificateErrorCode =
  | "missing"
  | "untrusted"
  | "malformed"
  | "not-a-leaf"
  | "expired"
  | "no-identity"
  | "trust-domain";

/** Why a peer's certificate is not taken. */
export class PeerCertificateError extends Error {
  override readonly name = "PeerCertificateError";
  readonly code: PeerCertificateErrorCode;
  constructor(code: PeerCertificateErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** What people and telemetry want to know of a certificate. */
export interface CertificateInfo {
  /** `spiffe://<trust domain>/ns/<ns>/sa/<name>` */
  readonly spiffeId: string;
  /** Hexadecimal, lower case. */
  readonly serial: string;
  readonly notBeforeUnixMs: number;
  readonly notAfterUnixMs: number;
}

/** A peer whose certificate passed every check. */
export interface VerifiedPeer {
  readonly identity: WorkloadIdentity;
  readonly info: CertificateInfo;
}

/**
 * Identity of the peer of a TLS connection; call it once, after the handshake. The chain itself is verified by
 * `node:tls`: create the socket with `ca` (the mesh's roots), `rejectUnauthorized: true`, on the server
 * `requestCert: true`, and on the client `checkServerIdentity: () => undefined`, since SVIDs carry no host names.
 * Throws `PeerCertificateError`.
 */
export function verifyPeer(socket: TLSSocket, trustDomain: string, nowMs = Date.now()): VerifiedPeer {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) {
    throw new PeerCertificateError("missing", "the peer sent no certificate");
  }
  if (!socket.authorized) {
    throw new PeerCertificateError(
      "untrusted",
      `the peer's certificate is not trusted: ${String(socket.authorizationError)}`,
    );
  }
  return checkLeaf(certificate.raw, trustDomain, nowMs);
}

/**
 * The X.509-SVID rules for a leaf (spiffe/spiffe `standards/X509-SVID.md`): exactly one URI name, not a CA, signs
 * handshakes only, valid now, in our trust domain. Says nothing about the chain.
 */
export function checkLeaf(der: Uint8Array, trustDomain: string, nowMs = Date.now()): VerifiedPeer {
  const fields = read(der);
  const { uris } = fields.names;
  const [uri] = uris;
  if (fields.isCa || !fields.keyUsage.has(0) || fields.keyUsage.has(5) || fields.keyUsage.has(6)) {
    throw new PeerCertificateError("not-a-leaf", "the certificate may sign certificates, or may not sign handshakes");
  }
  if (!(nowMs >= fields.notBeforeUnixMs && nowMs <= fields.notAfterUnixMs)) {
    throw new PeerCertificateError("expired", `the certificate is valid until ${isoTime(fields.notAfterUnixMs)}`);
  }
  if (uri === undefined || uris.length !== 1) {
    throw new PeerCertificateError("no-identity", `the certificate names ${uris.length} URIs instead of one`);
  }
  let identity: WorkloadIdentity;
  try {
    identity = parseWorkloadIdentity(uri);
  } catch (error) {
    throw new PeerCertificateError("no-identity", error instanceof Error ? error.message : String(error));
  }
  if (identity.trustDomain !== trustDomain) {
    throw new PeerCertificateError("trust-domain", `trust domain ${identity.trustDomain} is not ${trustDomain}`);
  }
  return { identity, info: infoOf(fields, formatSpiffeId(identity)) };
}

const infoOf = (fields: CertificateFields, spiffeId: string): CertificateInfo => ({
  spiffeId,
  serial: fields.serial,
  notBeforeUnixMs: fields.notBeforeUnixMs,
  notAfterUnixMs: fields.notAfterUnixMs,
});

function read(der: Uint8Array): CertificateFields {
  try {
    return readCertificate(der);
  } catch (error) {
    throw new PeerCertificateError("malformed", error instanceof Error ? error.message : String(error));
  }
}

const isoTime = (unixMs: number): string =>
  Number.isFinite(unixMs) ? new Date(unixMs).toISOString() : "an unreadable time";
