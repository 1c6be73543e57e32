import { describe, expect, it } from "vitest";
import { isForbidden } from "./address-guard.ts";

describe("addresses that the control plane does not call for a token issuer", () => {
  it.each([
    "127.0.0.1",
    "127.42.0.1",
    "0.0.0.0",
    "169.254.169.254",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:a9fe:a9fe",
    "fe80::1",
    "fd00:ec2::254",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "ff02::1",
    "localhost",
    "",
    "127.1",
  ])("%s is refused", (address) => {
    expect(isForbidden(address)).toBe(true);
  });

  it.each(["93.184.216.34", "10.0.0.7", "192.168.1.1", "172.16.0.1", "2606:2800:220:1::1", "fd12::7"])(
    "%s may be called",
    (address) => {
      expect(isForbidden(address)).toBe(false);
    },
  );
});
