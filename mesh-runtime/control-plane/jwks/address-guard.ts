import { BlockList, isIP } from "node:net";

/**
 * Addresses that no issuer of tokens has: this machine, the link, the instance's metadata, and what is no single host.
 * A RequestAuthentication is written by a team, the control plane asks from where the mesh's own ports are in reach.
 * Private networks are allowed: that is where a company's issuer lives.
 */
const forbidden = new BlockList();
for (const [network, length] of [
  ["0.0.0.0", 8],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["192.0.0.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const) {
  forbidden.addSubnet(network, length, "ipv4");
}
for (const [network, length] of [
  ["::", 128],
  ["::1", 128],
  ["fe80::", 10],
  ["ff00::", 8],
  ["fd00:ec2::", 32],
  ["64:ff9b::", 96],
  ["2002::", 16],
] as const) {
  forbidden.addSubnet(network, length, "ipv6");
}
// Metadata services outside of the link-local range.
forbidden.addAddress("100.100.100.200", "ipv4");
forbidden.addAddress("168.63.129.16", "ipv4");

/** Whether the control plane must not connect to the address; what is no address is forbidden too. */
export function isForbidden(address: string): boolean {
  const family = isIP(address);
  return family === 0 || forbidden.check(address, family === 4 ? "ipv4" : "ipv6");
}
