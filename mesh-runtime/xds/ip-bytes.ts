import { MalformedResource } from "./resource-type.ts";

/** Text form of an IPv4 or IPv6 address to its 4 or 16 bytes in network order; throws on anything else. */
export function ipToBytes(text: string): Uint8Array {
  const bytes = text.includes(":") ? ipv6ToBytes(text) : ipv4ToBytes(text);
  if (bytes === undefined) {
    throw new MalformedResource(`"${text}" is no IP address`);
  }
  return bytes;
}

/** 4 or 16 bytes to the canonical text form (IPv6 as RFC 5952, section 4); throws on any other length. */
export function ipFromBytes(bytes: Uint8Array): string {
  if (bytes.length === 4) {
    return bytes.join(".");
  }
  if (bytes.length !== 16) {
    throw new MalformedResource(`an IP address has 4 or 16 bytes, not ${bytes.length}`);
  }
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[i * 2] ?? 0) << 8) | (bytes[i * 2 + 1] ?? 0));
  const { start, length } = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) {
    return hex.join(":");
  }
  return `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}`;
}

function ipv4ToBytes(text: string): Uint8Array | undefined {
  const parts = text.split(".");
  const numbers = parts.map((part) => (/^(0|[1-9][0-9]{0,2})$/.test(part) ? Number(part) : 256));
  return parts.length === 4 && numbers.every((n) => n <= 255) ? Uint8Array.from(numbers) : undefined;
}

function ipv6ToBytes(text: string): Uint8Array | undefined {
  const halves = text.split("::");
  if (halves.length > 2) {
    return undefined;
  }
  const head = hexGroups(halves[0] ?? "");
  const tail = halves.length === 2 ? hexGroups(halves[1] ?? "") : [];
  if (head === undefined || tail === undefined) {
    return undefined;
  }
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) {
    return undefined;
  }
  const groups = [...head, ...Array.from({ length: missing }, () => 0), ...tail];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

/** Groups between colons; a dotted IPv4 tail counts as two. */
function hexGroups(text: string): number[] | undefined {
  if (text === "") {
    return [];
  }
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    const dotted = index === parts.length - 1 && part.includes(".") ? ipv4ToBytes(part) : undefined;
    if (dotted !== undefined) {
      groups.push(((dotted[0] ?? 0) << 8) | (dotted[1] ?? 0), ((dotted[2] ?? 0) << 8) | (dotted[3] ?? 0));
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      return undefined;
    }
  }
  return groups;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [index, group] of groups.entries()) {
    if (group !== 0) {
      start = index + 1;
    } else if (index + 1 - start > best.length) {
      best = { start, length: index + 1 - start };
    }
  }
  return best;
}
