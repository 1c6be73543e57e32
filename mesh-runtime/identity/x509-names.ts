/** Object identifiers and fixed encodings of RFC 5280, RFC 5480 and RFC 5758 that this mesh's certificates use. */
import { der, oid, sequence } from "./der.ts";

export const oids = {
  ecPublicKey: "1.2.840.10045.2.1",
  prime256v1: "1.2.840.10045.3.1.7",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  extensionRequest: "1.2.840.113549.1.9.14",
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
  organizationName: "2.5.4.10",
} as const;

export const ecdsaWithSha256 = sequence(oid(oids.ecdsaWithSha256));

/** Start of every P-256 SubjectPublicKeyInfo: the uncompressed point's 64 bytes follow. */
export const p256SpkiPrefix = Buffer.from("3059301306072a8648ce3d020106082a8648ce3d030107034200" + "04", "hex");

/** General names (RFC 5280, section 4.2.1.6): primitive context tags. */
export const generalName = {
  dns: (name: string): Buffer => der(0x82, Buffer.from(name, "latin1")),
  uri: (uri: string): Buffer => der(0x86, Buffer.from(uri, "latin1")),
  ip: (bytes: Uint8Array): Buffer => der(0x87, bytes),
} as const;

/** PEM text of DER bytes. */
export function toPem(label: string, bytes: Uint8Array): string {
  const lines = Buffer.from(bytes).toString("base64").replace(/.{64}/g, "$&\n").trimEnd();
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

const pemBlock = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n([A-Za-z0-9+/=\r\n]+?)\r?\n?-----END \1-----/g;

/** DER of every block with this label, in order. */
export function fromPem(label: string, text: string): Buffer[] {
  return [...text.matchAll(pemBlock)]
    .filter(([, found]) => found === label)
    .map(([, , body]) => Buffer.from((body ?? "").replace(/[\r\n]/g, ""), "base64"));
}

/** The PEM text of every certificate in a bundle, each normalized. */
export const splitCertificates = (bundle: string): string[] =>
  fromPem("CERTIFICATE", bundle).map((bytes) => toPem("CERTIFICATE", bytes));
