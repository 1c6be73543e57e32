import type { CidrMatch } from "./model.ts";

/** An address as bytes: 4 for IPv4 and for IPv6 addresses that carry one (`::ffff:a.b.c.d`), otherwise 16. */
export type IpBytes = readonly number[];

/** A range of addresses. */
export interface Cidr {
  readonly bytes: IpBytes;
  /** Bits that count, 0 to 32 or 128. */
  readonly length: number;
}

/** Reads an address in text form; `undefined` when it is none. Zone identifiers are refused. */
export function parseIp(text: string): IpBytes | undefined {
  return text.includes(":") ? unmapped(parseIpv6(text)) : parseIpv4(text);
}

/** Reads `CidrMatch`; `undefined` when the address or the length is wrong. */
export function parseCidr({ address, length }: CidrMatch): Cidr | undefined {
  const raw = address.includes(":") ? parseIpv6(address) : parseIpv4(address);
  if (raw === undefined || !Number.isInteger(length) || length < 0 || length > raw.length * 8) {
    return undefined;
  }
  const bytes = length >= 96 ? (unmapped(raw) ?? raw) : raw;
  return { bytes, length: bytes.length === raw.length ? length : length - 96 };
}

/** Reads `10.0.0.0/8` or a single address, as written in `ipBlocks`. */
export function parseIpBlock(text: string): CidrMatch | undefined {
  const slash = text.indexOf("/");
  const address = slash === -1 ? text : text.slice(0, slash);
  const bits = text.slice(slash + 1);
  if (slash !== -1 && !/^(0|[1-9]\d{0,2})$/.test(bits)) {
    return undefined;
  }
  const block = { address, length: slash === -1 ? (address.includes(":") ? 128 : 32) : Number(bits) };
  return parseCidr(block) === undefined ? undefined : block;
}

/** Whether the range holds the address. */
export function contains({ bytes, length }: Cidr, ip: IpBytes): boolean {
  if (bytes.length !== ip.length) {
    return false;
  }
  for (let bit = 0; bit < length; bit += 8) {
    const index = bit >> 3;
    const mask = length - bit >= 8 ? 0xff : (0xff << (8 - (length - bit))) & 0xff;
    if (((bytes[index] ?? 0) & mask) !== ((ip[index] ?? 0) & mask)) {
      return false;
    }
  }
  return true;
}

function parseIpv4(text: string): IpBytes | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) {
    return undefined;
  }
  const bytes: number[] = [];
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) {
      return undefined;
    }
    bytes.push(Number(part));
  }
  return bytes;
}

function parseIpv6(text: string): IpBytes | undefined {
  if (text.length > 45) {
    return undefined;
  }
  const halves = text.split("::");
  const head = ipv6Groups(halves[0] ?? "", halves.length === 1);
  const tail = halves.length === 1 ? [] : ipv6Groups(halves[1] ?? "", true);
  if (halves.length > 2 || head === undefined || tail === undefined) {
    return undefined;
  }
  const missing = 16 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) {
    return undefined;
  }
  return [...head, ...Array.from({ length: missing }, () => 0), ...tail];
}

/** Groups of one side of `::`; a dotted IPv4 tail is allowed at the very end of the address. */
function ipv6Groups(text: string, atEnd: boolean): number[] | undefined {
  if (text === "") {
    return [];
  }
  const bytes: number[] = [];
  const groups = text.split(":");
  for (const [index, group] of groups.entries()) {
    const ipv4 = atEnd && index === groups.length - 1 && group.includes(".") ? parseIpv4(group) : undefined;
    if (ipv4 !== undefined) {
      bytes.push(...ipv4);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    } else {
      return undefined;
    }
  }
  return bytes.length > 16 ? undefined : bytes;
}

function unmapped(bytes: IpBytes | undefined): IpBytes | undefined {
  const isMapped =
    bytes?.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  return isMapped ? bytes?.slice(12) : bytes;
}
