import { parseIp } from "@/mesh-runtime/policy/ip-address.ts";

/** What kind of place an address is, where it is not somebody's on the internet. */
export type PrivatePlace = "this machine" | "the link" | "a private network";

/** Undefined for a public address, and for what is no address. */
export function privatePlace(address: string): PrivatePlace | undefined {
  const bytes = parseIp(address);
  if (bytes === undefined) {
    return undefined;
  }
  const mapped = bytes.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255;
  const [a = 0, b = 0] = mapped ? bytes.slice(12) : bytes;
  if (bytes.length === 4 || mapped) {
    return ofIpv4(a, b);
  }
  if (bytes.slice(0, 15).every((byte) => byte === 0)) {
    return "this machine";
  }
  if (a === 0xfe && (b & 0xc0) === 0x80) {
    return "the link";
  }
  return (a & 0xfe) === 0xfc ? "a private network" : undefined;
}

function ofIpv4(a: number, b: number): PrivatePlace | undefined {
  if (a === 127 || a === 0) {
    return "this machine";
  }
  if (a === 169 && b === 254) {
    return "the link";
  }
  const isPrivate =
    a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) || (a === 100 && b >= 64 && b < 128);
  return isPrivate ? "a private network" : undefined;
}
