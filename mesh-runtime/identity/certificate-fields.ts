import { contextTag, DerReader, readOid, tags } from "./der.ts";
import { parseSubjectAltNames, type SubjectAltNames } from "./subject-alt-names.ts";
import { oids } from "./x509-names.ts";

/** The parts of a certificate that identity depends on, read from its DER. */
export interface CertificateFields {
  /** Hexadecimal, lower case, without leading zeros beyond whole bytes. */
  readonly serial: string;
  readonly notBeforeUnixMs: number;
  readonly notAfterUnixMs: number;
  readonly subjectEmpty: boolean;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Buffer;
  readonly names: SubjectAltNames;
  readonly isCa: boolean;
  /** Bits as in RFC 5280, section 4.2.1.3: 0 is digitalSignature, 5 keyCertSign, 6 cRLSign. */
  readonly keyUsage: ReadonlySet<number>;
}

/** Reads a certificate (RFC 5280); throws `DerError` when it is malformed or an extension comes twice. */
export function readCertificate(bytes: Uint8Array): CertificateFields {
  const top = new DerReader(bytes);
  const certificate = top.enter(tags.sequence);
  top.end();
  const fields = certificate.enter(tags.sequence);
  if (fields.peek() === contextTag(0, { constructed: true })) {
    fields.next();
  }
  const serial = fields.next(tags.integer).content;
  fields.next(tags.sequence);
  fields.next(tags.sequence);
  const validity = fields.enter(tags.sequence);
  const notBeforeUnixMs = readTime(validity);
  const notAfterUnixMs = readTime(validity);
  const subjectEmpty = fields.next(tags.sequence).content.length === 0;
  const spki = fields.next(tags.sequence).whole;
  const extensions = readExtensions(fields);
  return {
    serial: serial.toString("hex").replace(/^00(?=.)/, ""),
    notBeforeUnixMs,
    notAfterUnixMs,
    subjectEmpty,
    spki,
    names: namesOf(extensions.get(oids.subjectAltName)),
    isCa: isCa(extensions.get(oids.basicConstraints)),
    keyUsage: keyUsageOf(extensions.get(oids.keyUsage)),
  };
}

function readExtensions(fields: DerReader): ReadonlyMap<string, Buffer> {
  const found = new Map<string, Buffer>();
  while (!fields.done && fields.peek() !== contextTag(3, { constructed: true })) {
    fields.next();
  }
  if (fields.done) {
    return found;
  }
  const list = fields.enter(contextTag(3, { constructed: true })).enter(tags.sequence);
  while (!list.done) {
    const extension = list.enter(tags.sequence);
    const id = readOid(extension.next(tags.oid).content);
    if (extension.peek() === tags.boolean) {
      extension.next();
    }
    if (found.has(id)) {
      throw new RangeError(`extension ${id} comes twice`);
    }
    found.set(id, extension.next(tags.octetString).content);
  }
  return found;
}

const namesOf = (value: Buffer | undefined): SubjectAltNames =>
  value === undefined ? { uris: [], others: 0 } : parseSubjectAltNames(value);

function isCa(value: Buffer | undefined): boolean {
  if (value === undefined) {
    return false;
  }
  const constraints = new DerReader(value).enter(tags.sequence);
  return constraints.peek() === tags.boolean && constraints.next().content[0] !== 0;
}

function keyUsageOf(value: Buffer | undefined): ReadonlySet<number> {
  const bits = new Set<number>();
  if (value !== undefined) {
    const content = new DerReader(value).next(tags.bitString).content.subarray(1);
    for (let bit = 0; bit < content.length * 8; bit += 1) {
      if ((content[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) {
        bits.add(bit);
      }
    }
  }
  return bits;
}

/** UTCTime (two-digit years from 1950) or GeneralizedTime, always with seconds and Z. */
function readTime(validity: DerReader): number {
  const { tag, content } = validity.next();
  const text = content.toString("latin1");
  const digits = tag === tags.utcTime ? `${Number(text.slice(0, 2)) >= 50 ? "19" : "20"}${text}` : text;
  const iso = digits.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
  return Date.parse(iso);
}
