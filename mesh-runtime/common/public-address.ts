import { BlockList, isIP } from "node:net";

/** Ranges that are no destination outside: this machine, private networks, the link, metadata, what is no single host. */
const reserved = new BlockList();
for (const [network, length] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const) {
  reserved.addSubnet(network, length, "ipv4");
}
for (const [network, length] of [
  // Unspecified, loopback, and IPv4 written in IPv6.
  ["::", 96],
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["2001:2::", 48],
  ["2002::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
] as const) {
  reserved.addSubnet(network, length, "ipv6");
}
// Metadata of an instance outside of the link-local range.
reserved.addAddress("168.63.129.16", "ipv4");

/**
 * Whether an address that a name resolves to may be somebody's outside of this network. False for what is no address,
 * too.
 */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && !reserved.check(address, family === 4 ? "ipv4" : "ipv6");
}
