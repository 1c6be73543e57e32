import { describe, expect, it } from "vitest";
import { isPublicAddress } from "./public-address.ts";

describe("addresses that a name outside may resolve to", () => {
  it.each(["93.184.216.34", "8.8.8.8", "172.15.0.1", "172.32.0.1", "192.169.0.1", "2606:2800:220:1::1", "2001:db8::1"])(
    "%s is one",
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it.each([
    "127.0.0.1",
    "127.24.1.10",
    "0.0.0.0",
    "10.0.0.7",
    "100.64.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "192.0.0.192",
    "198.18.0.1",
    "168.63.129.16",
    "224.0.0.1",
    "240.240.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:a00:7",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:2::1",
    "fc00::1",
    "fd12::7",
    "fe80::1",
    "ff02::1",
    "",
    "localhost",
    "127.1",
  ])("%j is none", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});
