import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contains, parseCidr, parseIp, parseIpBlock } from "./ip-address.ts";

const hex = (text: string): string | undefined =>
  parseIp(text)
    ?.map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");

describe("addresses", () => {
  test.each([
    ["10.0.2.7", "0a000207"],
    ["255.255.255.255", "ffffffff"],
    ["0.0.0.0", "00000000"],
    ["2001:db8::1", "20010db8000000000000000000000001"],
    ["2001:DB8:0:0:1:2:3:4", "20010db8000000000001000200030004"],
    ["::", "00000000000000000000000000000000"],
    ["::1", "00000000000000000000000000000001"],
    ["1::", "00010000000000000000000000000000"],
    ["1:2:3:4:5:6:7::", "00010002000300040005000600070000"],
    ["::2:3:4:5:6:7:8", "00000002000300040005000600070008"],
    ["64:ff9b::10.0.2.7", "0064ff9b00000000000000000a000207"],
    ["1:2:3:4:5:6:10.0.2.7", "0001000200030004000500060a000207"],
    ["::ffff:10.0.2.7", "0a000207"],
    ["::FFFF:a00:207", "0a000207"],
    ["::fffe:10.0.2.7", "00000000000000000000fffe0a000207"],
    ["::ff:10.0.2.7", "0000000000000000000000ff0a000207"],
    ["::ff00:10.0.2.7", "00000000000000000000ff000a000207"],
    ["1::ffff:10.0.2.7", "00010000000000000000ffff0a000207"],
    ["0000:0000:0000:0000:0000:0000:255.255.255.255", "000000000000000000000000ffffffff"],
  ])("%s", (text, bytes) => {
    expect(hex(text)).toBe(bytes);
  });

  test.each([
    "",
    "10.0.2",
    "10.0.2.7.8",
    "10.0.2.256",
    "10.0.2.07",
    "10.0.2.7x",
    "x10.0.2.7",
    "10.0.2.1000",
    " 10.0.2.7",
    "10.0.2.",
    "0x0a.0.2.7",
    ":",
    ":::",
    "1::2::3",
    "::1::",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "::1:2:3:4:5:6:7:8",
    "1:2:3:4::5:6:7:8",
    "12345::",
    "::12345",
    "g::",
    "::g",
    "x1::",
    "::1x",
    ":1:2:3:4:5:6:7",
    "::1%eth0",
    "10.0.2.7::1",
    "10.0.2.7:1:2:3:4:5:6",
    "1:10.0.2.7::",
    "::10.0.2.7:1",
    "::10.0.2.300",
    "00000:0000:0000:0000:0000:0000:255.255.255.255",
    `::${"0".repeat(60)}1`,
  ])("%j is none", (text) => {
    expect(parseIp(text)).toBeUndefined();
  });
});

describe("ranges as they are written", () => {
  test.each([
    ["10.0.0.0/8", "10.0.0.0", 8],
    ["10.0.0.1", "10.0.0.1", 32],
    ["10.0.0.1/32", "10.0.0.1", 32],
    ["0.0.0.0/0", "0.0.0.0", 0],
    ["2001:db8::/32", "2001:db8::", 32],
    ["2001:db8::1", "2001:db8::1", 128],
    ["::/128", "::", 128],
  ])("%s", (text, address, length) => {
    expect(parseIpBlock(text)).toEqual({ address, length });
  });
  test.each([
    "",
    "/8",
    "10.0.0.0/",
    "10.0.0.0/33",
    "10.0.0.0/08",
    "10.0.0.0/-1",
    "10.0.0.0/8x",
    "10.0.0.0/x8",
    "10.0.0.0/8/8",
    "10.0.0/8",
    "::/129",
    "::/1000",
    "10.0.0.0/1.5",
    "10.0.0.*",
  ])("%j is none", (text) => {
    expect(parseIpBlock(text)).toBeUndefined();
  });
  test.each([-1, 33, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("a length of %d is none", (length) => {
    expect(parseCidr({ address: "10.0.0.0", length })).toBeUndefined();
  });
});

describe("whether a range holds an address", () => {
  test.each([
    ["10.0.0.0/8", "10.255.0.1", true],
    ["10.0.0.0/8", "11.0.0.1", false],
    ["10.0.0.0/9", "10.127.255.255", true],
    ["10.0.0.0/9", "10.128.0.0", false],
    ["10.0.0.16/30", "10.0.0.19", true],
    ["10.0.0.16/30", "10.0.0.20", false],
    ["10.0.0.19/30", "10.0.0.16", true],
    ["10.0.0.1/32", "10.0.0.1", true],
    ["10.0.0.1/32", "10.0.0.0", false],
    ["0.0.0.0/0", "255.1.2.3", true],
    ["0.0.0.0/0", "::1", false],
    ["::/0", "::1", true],
    ["::/0", "10.0.0.1", false],
    ["::/0", "::ffff:10.0.0.1", false],
    ["10.0.0.0/8", "::ffff:10.0.0.1", true],
    ["::ffff:10.0.0.0/104", "10.0.0.1", true],
    ["::ffff:10.0.0.0/104", "11.0.0.1", false],
    ["::ffff:0.0.0.0/96", "11.0.0.1", true],
    ["::ffff:0.0.0.0/95", "11.0.0.1", false],
    ["::ffff:10.0.0.1", "10.0.0.1", true],
    ["2001:db8::/33", "2001:db8:7fff::1", true],
    ["2001:db8::/33", "2001:db8:8000::1", false],
    ["2001:db8::1", "2001:db8::2", false],
  ])("%s, %s: %s", (range, ip, holds) => {
    const cidr = parseCidr(parseIpBlock(range) ?? { address: "", length: -1 });
    expect(cidr && contains(cidr, parseIp(ip) ?? [])).toBe(holds);
  });

  test("as its bits say", () => {
    const bits = (bytes: readonly number[]) => bytes.map((byte) => byte.toString(2).padStart(8, "0")).join("");
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), fc.integer({ min: 0, max: 32 }), (address, ip, length) => {
        const range = parseCidr({ address, length });
        const given = parseIp(ip) ?? [];
        expect(range && contains(range, given)).toBe(
          bits(given).startsWith(bits(parseIp(address) ?? []).slice(0, length)),
        );
      }),
    );
  });
});
