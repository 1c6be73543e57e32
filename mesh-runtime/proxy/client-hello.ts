/**
 * Reads the server name from the first bytes of a TLS connection (RFC 8446 §4.1.2, RFC 6066 §3). Nothing else is
 * decided here: OpenSSL does the handshake, and what it read must agree afterwards.
 */
export type ClientHello =
  | { readonly kind: "incomplete" }
  /** The first bytes are no TLS record with a ClientHello. */
  | { readonly kind: "malformed" }
  | { readonly kind: "hello" /** Lower case; empty when the client named none. */; readonly serverName: string };

const incomplete: ClientHello = { kind: "incomplete" };
const malformed: ClientHello = { kind: "malformed" };
const handshakeRecord = 22;
const clientHello = 1;
const serverNameExtension = 0;
const hostNameType = 0;
const recordMax = 16_384;
/** A ClientHello with post-quantum keys and a session ticket has some 3 KiB. */
export const clientHelloMax = 16_384;
const hostName = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})$/;

/** Reads what has come so far. */
export function readClientHello(data: Buffer): ClientHello {
  const message = handshakeOf(data);
  if (Buffer.isBuffer(message)) {
    try {
      const serverName = serverNameOf(message);
      return serverName === undefined ? malformed : { kind: "hello", serverName };
    } catch {
      // A length points past the end.
      return malformed;
    }
  }
  return message;
}

/** The ClientHello's bytes, collected from as many records as it takes. */
function handshakeOf(data: Buffer): Buffer | ClientHello {
  const pieces: Buffer[] = [];
  let have = 0;
  let offset = 0;
  while (offset < data.length) {
    if (data[offset] !== handshakeRecord || (data.length > offset + 1 && data[offset + 1] !== 3)) {
      return malformed;
    }
    if (data.length < offset + 5) {
      return incomplete;
    }
    const length = data.readUInt16BE(offset + 3);
    if (length === 0 || length > recordMax) {
      return malformed;
    }
    const piece = data.subarray(offset + 5, offset + 5 + length);
    pieces.push(piece);
    have += piece.length;
    offset += 5 + length;
    const message = pieces.length === 1 ? piece : Buffer.concat(pieces);
    if (have >= 1 && message[0] !== clientHello) {
      return malformed;
    }
    if (have >= 4) {
      const size = message.readUIntBE(1, 3);
      if (size > clientHelloMax) {
        return malformed;
      }
      if (have >= size + 4) {
        return message.subarray(4, size + 4);
      }
    }
  }
  return incomplete;
}

/** Throws a RangeError when a length is wrong. */
function serverNameOf(message: Buffer): string | undefined {
  let at = 2 + 32;
  at += 1 + message.readUInt8(at);
  at += 2 + message.readUInt16BE(at);
  at += 1 + message.readUInt8(at);
  if (at === message.length) {
    return "";
  }
  const end = at + 2 + message.readUInt16BE(at);
  at += 2;
  if (end !== message.length) {
    return undefined;
  }
  while (at < end) {
    const type = message.readUInt16BE(at);
    const length = message.readUInt16BE(at + 2);
    at += 4;
    if (at + length > end) {
      return undefined;
    }
    if (type === serverNameExtension) {
      return nameIn(message.subarray(at, at + length));
    }
    at += length;
  }
  return "";
}

/** The one name in the extension; RFC 6066 allows one of each type, and there is one type. */
function nameIn(extension: Buffer): string | undefined {
  const length = extension.readUInt16BE(3);
  const consistent =
    extension.readUInt16BE(0) === extension.length - 2 &&
    extension.readUInt8(2) === hostNameType &&
    extension.length === 5 + length;
  const name = extension.toString("latin1", 5);
  return consistent && hostName.test(name) ? name.toLowerCase() : undefined;
}
