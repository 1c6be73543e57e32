import { describe, expect, test } from "vitest";
import {
  dns1035Label,
  dnsLabel,
  dnsSubdomain,
  envVarName,
  isCidr,
  isIp,
  labelValue,
  portName,
  qualifiedName,
} from "./names.ts";

const long = "a".repeat(64);

describe.each([
  ["dnsLabel", dnsLabel, ["a", "a-1", "1a", "a".repeat(63)], ["", "A", "a.b", "-a", "a-", "a_b", long]],
  ["dnsSubdomain", dnsSubdomain, ["a.b", "1.2", "a".repeat(253)], ["", ".a", "a..b", "A.b", "a".repeat(254)]],
  ["dns1035Label", dns1035Label, ["a", "a-1"], ["1a", "a.b", long]],
  ["labelValue", labelValue, ["", "a", "A_b.c-1"], ["-a", "a b", long]],
  ["qualifiedName", qualifiedName, ["a", "a.b/c", "A_b"], ["", "/a", "a/", "a/b/c", "a b", long, "A.b/c"]],
  ["portName", portName, ["http", "h2-c"], ["80", "a--b", "-a", "HTTP", "abcdefghijklmnop", ""]],
  ["envVarName", envVarName, ["A", "a.b-c", "A B"], ["", "A=B", "ä"]],
] as const)("%s", (_name, check, good, bad) => {
  test.each(good)("takes %j", (value) => {
    expect(check(value)).toEqual([]);
  });
  test.each(bad)("refuses %j", (value) => {
    expect(check(value)).not.toEqual([]);
  });
});

test.each(["1.2.3.4", "::", "::1", "2001:db8::1", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4"])("%s is an address", (value) => {
  expect(isIp(value)).toBe(true);
});
test.each([
  "",
  "1.2.3",
  "01.2.3.4",
  "1.2.3.256",
  ":::",
  "1::2::3",
  "1:2:3:4:5:6:7",
  "12345::",
  "fe80::1%eth0",
  "::1:2:3:4:5:6:7:8",
])("%j is no address", (value) => {
  expect(isIp(value)).toBe(false);
});
test.each([
  ["10.0.0.0/8", true],
  ["::/0", true],
  ["10.0.0.0/33", false],
  ["10.0.0.0", false],
  ["10.0.0.0/08", false],
  ["a/8", false],
])("%s as a network: %s", (value, good) => {
  expect(isCidr(value)).toBe(good);
});
