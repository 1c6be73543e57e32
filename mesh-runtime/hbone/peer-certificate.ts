import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";

/** What a peer proved. */
export interface PeerCertificate {
  /** `spiffe://<trust domain>/ns/<namespace>/sa/<service account>` */
  readonly identity: string;
  /** The identity without its scheme, as AuthorizationPolicies name it. */
  readonly principal: string;
  readonly serial: string;
  readonly notBeforeUnixMs: number;
  readonly notAfterUnixMs: number;
}

export type PeerCertificateProblem = "no-certificate" | "no-single-uri" | "malformed-identity" | "foreign-trust-domain";

const segment = "[a-z0-9A-Z._-]{1,253}";
const spiffe = new RegExp(`^spiffe://(${segment})/ns/(${segment})/sa/(${segment})$`);

/** The identity in a certificate's subject alternative names: exactly one URI (SPIFFE X509-SVID §2). */
export function identityOfSubjectAltName(
  subjectAltName: string | undefined,
  trustDomain: string,
): { readonly identity: string } | { readonly problem: PeerCertificateProblem } {
  // Node writes names with special characters as JSON strings; no SPIFFE identity of ours needs that, so any is refused
  // before the list is split at its commas.
  if (subjectAltName === undefined || subjectAltName.includes('"')) {
    return { problem: "no-single-uri" };
  }
  const uris = subjectAltName.split(", ").filter((name) => name.startsWith("URI:"));
  const [uri] = uris;
  if (uri === undefined || uris.length !== 1) {
    return { problem: "no-single-uri" };
  }
  const identity = uri.slice("URI:".length);
  const match = spiffe.exec(identity);
  if (match === null) {
    return { problem: "malformed-identity" };
  }
  return match[1] === trustDomain ? { identity } : { problem: "foreign-trust-domain" };
}

/** Reads the peer's certificate, whose chain TLS has verified already. */
export function peerCertificateOf(
  socket: TLSSocket,
  trustDomain: string,
): PeerCertificate | { readonly problem: PeerCertificateProblem } {
  const certificate: X509Certificate | undefined = socket.getPeerX509Certificate();
  if (certificate === undefined) {
    return { problem: "no-certificate" };
  }
  const found = identityOfSubjectAltName(certificate.subjectAltName, trustDomain);
  if ("problem" in found) {
    return found;
  }
  return {
    identity: found.identity,
    principal: found.identity.slice("spiffe://".length),
    serial: certificate.serialNumber,
    notBeforeUnixMs: certificate.validFromDate.getTime(),
    notAfterUnixMs: certificate.validToDate.getTime(),
  };
}
