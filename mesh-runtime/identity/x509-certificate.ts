import { createHash, type KeyObject, randomBytes, sign } from "node:crypto";
import { bitString, boolean, contextTag, der, octetString, oid, sequence, time, unsignedInteger } from "./der.ts";
import { ecdsaWithSha256, toPem } from "./x509-names.ts";

/** What goes into a certificate. */
export interface CertificateTemplate {
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly signer: KeyObject;
  readonly publicKey: KeyObject;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly extensions: readonly Buffer[];
}

/** Signs a certificate (RFC 5280, version 3) with ECDSA P-256 and a random serial. */
export function signCertificate(template: CertificateTemplate): { pem: string; serial: string } {
  // 128 random bits; the top one set keeps every serial equally long and never zero.
  const serialBytes = randomBytes(16);
  serialBytes[0] = (serialBytes[0] ?? 0) | 0x80;
  const body = sequence(
    der(contextTag(0, { constructed: true }), unsignedInteger(Buffer.from([2]))),
    unsignedInteger(serialBytes),
    ecdsaWithSha256,
    template.issuer,
    sequence(time(template.notBeforeMs), time(template.notAfterMs)),
    template.subject,
    spkiOf(template.publicKey),
    der(contextTag(3, { constructed: true }), sequence(...template.extensions)),
  );
  const certificate = sequence(body, ecdsaWithSha256, bitString(sign("sha256", body, template.signer)));
  return { pem: toPem("CERTIFICATE", certificate), serial: serialBytes.toString("hex") };
}

/** One extension; `value` is its DER. */
export const extension = (id: string, critical: boolean, value: Buffer): Buffer =>
  critical ? sequence(oid(id), boolean(true), octetString(value)) : sequence(oid(id), octetString(value));

/** SubjectPublicKeyInfo, DER. */
export const spkiOf = (key: KeyObject): Buffer => key.export({ type: "spki", format: "der" });

/** SHA-1 of the key's bits (RFC 5280, section 4.2.1.2, method 1): a name, not a safeguard. */
export const keyIdentifier = (spki: Buffer): Buffer => createHash("sha1").update(spki.subarray(-65)).digest();
