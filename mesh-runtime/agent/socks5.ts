/** SOCKS version 5 without authentication, CONNECT only (RFC 1928). Pure: bytes in, answers out. */

export type SocksStep =
  | { readonly kind: "more" }
  | { readonly kind: "greeted"; readonly reply: Buffer; readonly rest: Buffer }
  | { readonly kind: "request"; readonly host: string; readonly port: number; readonly rest: Buffer }
  | { readonly kind: "refused"; readonly reply: Buffer; readonly reason: string };

export const socksVersion = 5;

/** Reads the client's greeting (§3). */
export function readGreeting(bytes: Buffer): SocksStep {
  const count = bytes[1];
  if (count === undefined || bytes.length < 2 + count) {
    return { kind: "more" };
  }
  if (!bytes.subarray(2, 2 + count).includes(0)) {
    return { kind: "refused", reply: Buffer.from([socksVersion, 0xff]), reason: "no method without authentication" };
  }
  return { kind: "greeted", reply: Buffer.from([socksVersion, 0]), rest: bytes.subarray(2 + count) };
}

/** Reads the client's request (§4). */
export function readRequest(bytes: Buffer): SocksStep {
  const [version, command, , type, domainLength] = bytes;
  if (type === undefined || domainLength === undefined) {
    return { kind: "more" };
  }
  if (version !== socksVersion) {
    return refused(1, "not version 5");
  }
  if (command !== 1) {
    return refused(7, "only CONNECT is supported");
  }
  const addressLength = { 1: 4, 3: 1 + domainLength, 4: 16 }[type];
  if (addressLength === undefined) {
    return refused(8, "unknown address type");
  }
  const end = 4 + addressLength + 2;
  if (bytes.length < end) {
    return { kind: "more" };
  }
  const host = hostOf(type, bytes.subarray(4, end - 2));
  const port = bytes.readUInt16BE(end - 2);
  if (host === undefined || port === 0) {
    return refused(1, "malformed destination");
  }
  return { kind: "request", host, port, rest: bytes.subarray(end) };
}

/** The server's reply (§6); 0 is success. The bound address is of no use to a client here and left unspecified. */
export const socksReply = (code: number): Buffer => Buffer.from([socksVersion, code, 0, 1, 0, 0, 0, 0, 0, 0]);

function hostOf(type: number, address: Buffer): string | undefined {
  if (type === 1) {
    return address.join(".");
  }
  if (type === 4) {
    if (address.subarray(0, 10).every((octet) => octet === 0) && address.readUInt16BE(10) === 0xffff) {
      return address.subarray(12).join(".");
    }
    return Array.from({ length: 8 }, (_, index) => address.readUInt16BE(index * 2).toString(16)).join(":");
  }
  const name = address.toString("latin1", 1);
  return /^[A-Za-z0-9._-]{1,253}$|^[0-9a-fA-F:.]{2,45}$/.test(name) ? name : undefined;
}

const refused = (code: number, reason: string): SocksStep => ({ kind: "refused", reply: socksReply(code), reason });
