import { describe, expect, it } from "vitest";
import { ago, bytes, count, duration, milliseconds, plural, rate, share, shareShort, textOf } from "./format.ts";

const plain = (text: string) => text.replaceAll("\u00a0", " ");

describe("figures", () => {
  it.each([
    [14562, "14,562"],
    [0, "0"],
    [-3, "−3"],
  ])("writes the count %d as %s", (value, text) => expect(count(value)).toBe(text));

  it.each([
    [48.53, "48.5 rps"],
    [0, "0 rps"],
    [0.004, "< 0.01 rps"],
    [0.25, "0.25 rps"],
    [1234.4, "1,234 rps"],
    [null, "–"],
  ])("writes the rate %s as %s", (value, text) => expect(plain(textOf(rate(value)))).toBe(text));

  it.each([
    [0, "0 %"],
    [1, "100 %"],
    [0.002, "0.20 %"],
    [0.00001, "< 0.01 %"],
    [0.99999, "> 99.99 %"],
    [0.9981, "99.81 %"],
    [0.124, "12.4 %"],
  ])("never rounds the share %s to nothing or to the whole: %s", (value, text) =>
    expect(plain(textOf(share(value)))).toBe(text),
  );

  it.each([
    [0.71, "71 %"],
    [0.999, "99 %"],
    [0.001, "< 1 %"],
    [1, "100 %"],
  ])("keeps the short share %s honest: %s", (value, text) => expect(plain(shareShort(value))).toBe(text));

  it.each([
    [0.424, "0.42 ms"],
    [41.2, "41 ms"],
    [1304, "1.3 s"],
  ])("writes %s ms as %s", (value, text) => expect(plain(textOf(milliseconds(value)))).toBe(text));

  it("counts bytes in binary steps", () => expect(plain(textOf(bytes(1229)))).toBe("1.2 KiB"));
  it("takes the singular for one", () => expect(plural(1, "request")).toBe("1 request"));
});

describe("time", () => {
  it.each([
    [38, "38 ms"],
    [41_000, "41 s"],
    [340_000, "5 min 40 s"],
    [3_600_000, "1 h"],
    [9 * 86_400_000, "9 days"],
  ])("writes a span of %d ms as %s", (value, text) => expect(plain(duration(value))).toBe(text));

  it.each([
    [500, "now"],
    [13 * 60_000, "13 min"],
    [-5000, "now"],
    [25 * 3_600_000, "1 day"],
  ])("says that %d ms ago was %s", (span, text) => expect(plain(ago(1e12 - span, 1e12))).toBe(text));
});
