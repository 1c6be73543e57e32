/** Which addresses a webhook may be at. Pure. */
import { BlockList, isIP } from "node:net";

/** Where machines of clouds and neighbours on the wire answer, and nobody's services: RFC 3927, 4291 §2.5.6, 6890. */
const never = new BlockList();
never.addSubnet("169.254.0.0", 16, "ipv4");
never.addSubnet("0.0.0.0", 8, "ipv4");
never.addSubnet("224.0.0.0", 4, "ipv4");
never.addSubnet("240.0.0.0", 4, "ipv4");
never.addAddress("100.100.100.200", "ipv4");
never.addAddress("192.0.0.192", "ipv4");
never.addSubnet("fe80::", 10, "ipv6");
never.addSubnet("ff00::", 8, "ipv6");
never.addAddress("::", "ipv6");
never.addAddress("fd00:ec2::254", "ipv6");
never.addAddress("fd20:ce::254", "ipv6");
// IPv6 addresses that lead to an IPv4 one by a translator or tunnel on the way, which nothing here looks into: RFC 6052,
// 8215, 3056, 4380, and what RFC 4291 §2.5.5.1 no longer has a use for.
never.addSubnet("64:ff9b::", 96, "ipv6");
never.addSubnet("64:ff9b:1::", 48, "ipv6");
never.addSubnet("2002::", 16, "ipv6");
never.addSubnet("2001::", 32, "ipv6");
never.addRange("::2", "::ffff:ffff", "ipv6");

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

const has = (list: BlockList, address: string): boolean =>
  // An IPv4 address in IPv6 clothes is looked up as what it is.
  list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");

/** Why nothing is asked there; empty when it may. `allowLoopback`: the portal runs on the machine of its user. */
export function refusedAddress(address: string, allowLoopback: boolean): string {
  if (isIP(address) === 0 || has(never, address)) {
    return `${address} is no address that a webhook may have`;
  }
  return !allowLoopback && has(loopback, address) ? `${address} is this machine itself` : "";
}
