import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import { ipToBytes } from "../xds/ip-bytes.ts";
import { bitString, boolean, contextTag, DerReader, der, octetString, oid, sequence, tags } from "./der.ts";
import { extension, keyIdentifier, signCertificate, spkiOf } from "./x509-certificate.ts";
import { generalName, oids } from "./x509-names.ts";

const hourMs = 3_600_000;
const rootLifetimeMs = 10 * 365 * 24 * hourMs;

/** A root certificate with its key. */
export interface Root {
  readonly certificatePem: string;
  readonly privateKey: KeyObject;
}

/** A certificate with what leads to its root. */
export interface IssuedCertificate {
  /** Leaf and intermediates, PEM each. */
  readonly chain: readonly string[];
  /** Every root a peer may have, PEM each. */
  readonly roots: readonly string[];
  readonly serial: string;
  readonly notAfterUnixMs: number;
}

export interface CertificateAuthority {
  /** Trusted roots, PEM each; the one that signs first. More than one while a root is being replaced. */
  readonly roots: readonly string[];
  /** An X.509-SVID: empty subject, exactly one URI name, digitalSignature only, not a CA. */
  issueWorkload(publicKey: KeyObject, spiffeId: string, lifetimeMs: number): IssuedCertificate;
  /** A serving certificate for the control plane's own port. */
  issueServer(
    publicKey: KeyObject,
    names: { dns: readonly string[]; ips: readonly string[] },
    lifetimeMs: number,
  ): IssuedCertificate;
}

/** Makes a self-signed root, ECDSA P-256, ten years, with `organization` as its subject (Istio writes the trust domain). */
export function createRoot(organization: string, nowMs = Date.now()): Root {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const name = distinguishedName(organization);
  const keyId = keyIdentifier(spkiOf(publicKey));
  const certificate = signCertificate({
    issuer: name,
    subject: name,
    signer: privateKey,
    publicKey,
    notBeforeMs: nowMs - hourMs,
    notAfterMs: nowMs + rootLifetimeMs,
    extensions: [
      extension(oids.basicConstraints, true, sequence(boolean(true))),
      extension(oids.keyUsage, true, bitString(Buffer.from([0b0000_0110]), 1)),
      extension(oids.subjectKeyIdentifier, false, octetString(keyId)),
    ],
  });
  return { certificatePem: certificate.pem, privateKey };
}

/**
 * A CA that signs with `root` and also trusts `otherRoots` (a root that is on its way out, or in).
 * Certificates are backdated by a minute (a quarter of the lifetime when that is less) against clocks that differ.
 */
export function createCertificateAuthority(
  root: Root,
  { otherRoots = [], now = Date.now }: { otherRoots?: readonly string[]; now?: () => number } = {},
): CertificateAuthority {
  const roots = [root.certificatePem, ...otherRoots];
  const rootCertificate = new X509Certificate(root.certificatePem);
  const issuer = subjectOf(rootCertificate.raw);
  const authorityKeyId = sequence(
    der(contextTag(0, { constructed: false }), keyIdentifier(spkiOf(rootCertificate.publicKey))),
  );
  const issue = (publicKey: KeyObject, names: readonly Buffer[], lifetimeMs: number): IssuedCertificate => {
    const nowMs = now();
    const notAfterUnixMs = Math.floor(Math.min(nowMs + lifetimeMs, Date.parse(rootCertificate.validTo)) / 1000) * 1000;
    const { pem, serial } = signCertificate({
      issuer,
      subject: sequence(),
      signer: root.privateKey,
      publicKey,
      notBeforeMs: nowMs - Math.min(60_000, lifetimeMs / 4),
      notAfterMs: notAfterUnixMs,
      extensions: [
        extension(oids.basicConstraints, true, sequence()),
        extension(oids.keyUsage, true, bitString(Buffer.from([0b1000_0000]), 7)),
        extension(oids.extendedKeyUsage, false, sequence(oid(oids.serverAuth), oid(oids.clientAuth))),
        extension(oids.authorityKeyIdentifier, false, authorityKeyId),
        // Critical, because the subject is empty (RFC 5280, section 4.2.1.6).
        extension(oids.subjectAltName, true, sequence(...names)),
      ],
    });
    return { chain: [pem], roots, serial, notAfterUnixMs };
  };
  return {
    roots,
    issueWorkload: (publicKey, spiffeId, lifetimeMs) => issue(publicKey, [generalName.uri(spiffeId)], lifetimeMs),
    issueServer: (publicKey, { dns, ips }, lifetimeMs) =>
      issue(publicKey, [...dns.map(generalName.dns), ...ips.map((ip) => generalName.ip(ipToBytes(ip)))], lifetimeMs),
  };
}

/** Reads a root that was kept as two PEM texts; throws when they do not belong together. */
export function readRoot(certificatePem: string, privateKeyPem: string): Root {
  const privateKey = createPrivateKey(privateKeyPem);
  if (!new X509Certificate(certificatePem).checkPrivateKey(privateKey)) {
    throw new Error("the root certificate does not belong to the root key");
  }
  return { certificatePem, privateKey };
}

const distinguishedName = (organization: string): Buffer =>
  sequence(
    der(tags.set, sequence(oid(oids.organizationName), der(tags.utf8String, Buffer.from(organization, "utf8")))),
  );

/** The subject of a certificate as it stands, so that issuer and subject compare byte by byte. */
function subjectOf(certificate: Uint8Array): Buffer {
  const fields = new DerReader(certificate).enter(tags.sequence).enter(tags.sequence);
  for (const tag of [contextTag(0, { constructed: true }), tags.integer, tags.sequence, tags.sequence, tags.sequence]) {
    fields.next(tag);
  }
  return fields.next(tags.sequence).whole;
}
