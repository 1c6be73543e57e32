/** Distinguished encoding rules (X.690): the few shapes that certificates and signing requests consist of. */

export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Tag of `[n]`, constructed or primitive. */
export const contextTag = (n: number, { constructed }: { constructed: boolean }): number =>
  (constructed ? 0xa0 : 0x80) | n;

/** Any value: tag, length, content. */
export function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag]), encodeLength(body.length), body]);
}

export const sequence = (...items: readonly Uint8Array[]): Buffer => der(tags.sequence, ...items);

/** Non-negative, given as big-endian bytes. */
export function unsignedInteger(bytes: Uint8Array): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) {
    start += 1;
  }
  const body = bytes.subarray(start);
  return der(tags.integer, (body[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), body]) : body);
}

/** Dotted text, e.g. `2.5.29.17`. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const septets = [arc & 0x7f];
    for (let value = Math.floor(arc / 128); value > 0; value = Math.floor(value / 128)) {
      septets.unshift((value & 0x7f) | 0x80);
    }
    bytes.push(...septets);
  }
  return der(tags.oid, Buffer.from(bytes));
}

export const octetString = (content: Uint8Array): Buffer => der(tags.octetString, content);
export const bitString = (content: Uint8Array, unusedBits = 0): Buffer =>
  der(tags.bitString, Buffer.from([unusedBits]), content);
export const boolean = (value: boolean): Buffer => der(tags.boolean, Buffer.from([value ? 0xff : 0]));

/** UTCTime through 2049, GeneralizedTime after (RFC 5280, section 4.1.2.5). Whole seconds. */
export function time(unixMs: number): Buffer {
  const digits = new Date(unixMs).toISOString().replace(/[-:T]|\.\d+/g, "");
  return new Date(unixMs).getUTCFullYear() < 2050
    ? der(tags.utcTime, Buffer.from(digits.slice(2), "latin1"))
    : der(tags.generalizedTime, Buffer.from(digits, "latin1"));
}

function encodeLength(length: number): Buffer {
  if (length < 0x80) {
    return Buffer.from([length]);
  }
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) {
    bytes.unshift(rest & 0xff);
  }
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

/** Raised by the reader for anything that is not strict DER of the expected shape. */
export class DerError extends Error {
  override readonly name = "DerError";
}

/** One parsed value. */
export interface DerValue {
  readonly tag: number;
  readonly content: Buffer;
  /** Tag, length and content. */
  readonly whole: Buffer;
}

/** Reads one value after the other; every length is checked against what is there. */
export class DerReader {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done(): boolean {
    return this.#offset >= this.#bytes.length;
  }

  /** Tag of the next value; `undefined` at the end. */
  peek(): number | undefined {
    return this.#bytes[this.#offset];
  }

  /** The next value, which must have this tag. */
  next(tag?: number): DerValue {
    const start = this.#offset;
    const actual = this.#bytes[start];
    if (actual === undefined || (tag !== undefined && actual !== tag)) {
      throw new DerError(`expected tag ${tag?.toString(16) ?? "any"}, found ${actual?.toString(16) ?? "the end"}`);
    }
    if ((actual & 0x1f) === 0x1f) {
      throw new DerError("multi-byte tags do not occur here");
    }
    const { length, size } = this.#length(start + 1);
    const from = start + 1 + size;
    const to = from + length;
    if (to > this.#bytes.length) {
      throw new DerError("value is longer than its container");
    }
    this.#offset = to;
    return { tag: actual, content: this.#bytes.subarray(from, to), whole: this.#bytes.subarray(start, to) };
  }

  /** A reader for the content of the next value. */
  enter(tag: number): DerReader {
    return new DerReader(this.next(tag).content);
  }

  /** Throws when bytes are left over. */
  end(): void {
    if (!this.done) {
      throw new DerError("unexpected bytes after the last value");
    }
  }

  /** Definite, minimal lengths of at most three bytes. */
  #length(at: number): { length: number; size: number } {
    const first = this.#bytes[at];
    if (first === undefined) {
      throw new DerError("length is missing");
    }
    if (first < 0x80) {
      return { length: first, size: 1 };
    }
    const count = first & 0x7f;
    const bytes = this.#bytes.subarray(at + 1, at + 1 + count);
    if (count === 0 || count > 3 || bytes.length !== count || bytes[0] === 0) {
      throw new DerError("length is not in its shortest definite form");
    }
    const length = bytes.readUIntBE(0, count);
    if (length < 0x80) {
      throw new DerError("length is not in its shortest definite form");
    }
    return { length, size: 1 + count };
  }
}

/** Dotted text of an OID's content. */
export function readOid(content: Uint8Array): string {
  const arcs: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f);
    if (value > Number.MAX_SAFE_INTEGER / 128) {
      throw new DerError("object identifier is too large");
    }
    if ((byte & 0x80) === 0) {
      arcs.push(value);
      value = 0;
    }
  }
  const [first = 0, ...rest] = arcs;
  return [Math.min(Math.floor(first / 40), 2), first - Math.min(Math.floor(first / 40), 2) * 40, ...rest].join(".");
}
