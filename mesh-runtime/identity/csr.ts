import { createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import {
  bitString,
  contextTag,
  DerError,
  DerReader,
  der,
  oid,
  readOid,
  sequence,
  tags,
  unsignedInteger,
} from "./der.ts";
import { parseSubjectAltNames } from "./subject-alt-names.ts";
import { ecdsaWithSha256, fromPem, generalName, oids, p256SpkiPrefix, toPem } from "./x509-names.ts";

export type CsrErrorCode = "size" | "encoding" | "subject" | "key" | "extension" | "names" | "signature";

/** Why a signing request is refused; the message may go to the caller. */
export class CsrError extends Error {
  override readonly name = "CsrError";
  readonly code: CsrErrorCode;
  constructor(code: CsrErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Longest request text, in characters; an honest one has about 450. */
const csrMax = 8_192;

/** A signing request (RFC 2986) for one SPIFFE ID: P-256, empty subject, one URI name. `privateKey` stays here. */
export function createCsr(privateKey: KeyObject, spiffeId: string): string {
  const spki = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  const altNames = sequence(
    oid(oids.subjectAltName),
    der(tags.boolean, Buffer.from([0xff])),
    der(tags.octetString, sequence(generalName.uri(spiffeId))),
  );
  const info = sequence(
    unsignedInteger(Buffer.from([0])),
    sequence(),
    spki,
    der(contextTag(0, { constructed: true }), sequence(oid(oids.extensionRequest), der(tags.set, sequence(altNames)))),
  );
  return toPem("CERTIFICATE REQUEST", sequence(info, ecdsaWithSha256, bitString(sign("sha256", info, privateKey))));
}

/** What is left of a request after every check. */
export interface CheckedCsr {
  readonly publicKey: KeyObject;
  /** URI names asked for: none or one. */
  readonly uri: string | undefined;
}

/**
 * Reads a request strictly: one PEM block, P-256, empty subject, no extension but subjectAltName, no name but one URI,
 * and a signature by the very key (proof of possession). Throws `CsrError`.
 */
export function readCsr(pem: string): CheckedCsr {
  if (pem.length > csrMax) {
    throw new CsrError("size", `the request is longer than ${csrMax} characters`);
  }
  const blocks = fromPem("CERTIFICATE REQUEST", pem);
  const [bytes] = blocks;
  if (bytes === undefined || blocks.length !== 1) {
    throw new CsrError("encoding", "the request is not one PEM block CERTIFICATE REQUEST");
  }
  try {
    return read(bytes);
  } catch (error) {
    throw error instanceof DerError ? new CsrError("encoding", `the request is malformed: ${error.message}`) : error;
  }
}

function read(bytes: Buffer): CheckedCsr {
  const top = new DerReader(bytes);
  const request = top.enter(tags.sequence);
  top.end();
  const info = request.next(tags.sequence);
  const algorithm = request.next(tags.sequence);
  const signature = request.next(tags.bitString).content;
  request.end();

  const fields = new DerReader(info.content);
  if (!fields.next(tags.integer).content.equals(Buffer.from([0]))) {
    throw new CsrError("encoding", "the request's version is not 1");
  }
  if (fields.next(tags.sequence).content.length !== 0) {
    throw new CsrError("subject", "the subject must be empty");
  }
  const spki = fields.next(tags.sequence).whole;
  if (spki.length !== p256SpkiPrefix.length + 64 || !spki.subarray(0, p256SpkiPrefix.length).equals(p256SpkiPrefix)) {
    throw new CsrError("key", "the key must be ECDSA P-256");
  }
  const uris = fields.peek() === undefined ? [] : readAttributes(fields.enter(contextTag(0, { constructed: true })));
  fields.end();
  if (uris.length > 1) {
    throw new CsrError("names", "the request may name one URI only");
  }

  if (!algorithm.whole.equals(ecdsaWithSha256)) {
    throw new CsrError("signature", "the signature must be ECDSA with SHA-256");
  }
  let publicKey: KeyObject;
  try {
    publicKey = createPublicKey({ key: spki, type: "spki", format: "der" });
  } catch {
    throw new CsrError("key", "the key is no point of P-256");
  }
  if (signature[0] !== 0 || !verify("sha256", info.whole, publicKey, signature.subarray(1))) {
    throw new CsrError("signature", "the signature is not by the request's key");
  }
  return { publicKey, uri: uris[0] };
}

function readAttributes(attributes: DerReader): string[] {
  const uris: string[] = [];
  let seen = 0;
  while (!attributes.done) {
    const attribute = attributes.enter(tags.sequence);
    if (readOid(attribute.next(tags.oid).content) !== oids.extensionRequest || seen > 0) {
      throw new CsrError("extension", "the request may carry one attribute, extensionRequest");
    }
    seen += 1;
    const values = attribute.enter(tags.set);
    attribute.end();
    const extensions = values.enter(tags.sequence);
    values.end();
    uris.push(...readExtensions(extensions));
  }
  return uris;
}

function readExtensions(extensions: DerReader): string[] {
  const uris: string[] = [];
  let seen = 0;
  while (!extensions.done) {
    const extension = extensions.enter(tags.sequence);
    if (readOid(extension.next(tags.oid).content) !== oids.subjectAltName || seen > 0) {
      throw new CsrError("extension", "the request may ask for one extension, subjectAltName");
    }
    seen += 1;
    if (extension.peek() === tags.boolean) {
      extension.next();
    }
    const names = parseSubjectAltNames(extension.next(tags.octetString).content);
    extension.end();
    if (names.others > 0) {
      throw new CsrError("names", "the request may ask for URI names only");
    }
    uris.push(...names.uris);
  }
  return uris;
}
