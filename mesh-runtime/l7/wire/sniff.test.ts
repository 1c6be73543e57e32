import { expect, test } from "vitest";
import { sniff } from "./sniff.ts";

const of = (text: string): string => sniff(Buffer.from(text, "latin1"));

test.each([
  ["a usual method", "GET", "more"],
  ["a usual method and a space", "GET ", "http1"],
  ["a whole request line", "BREW /pot HTTP/1.1\r\n", "http1"],
  ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "http2"],
  ["a TLS record", "\x16\x03\x01", "tcp"],
  ["a command that is no request", "STAT all\r\n", "tcp"],
  ["one empty line before a request", "\r\nGET / HTTP/1.1\r\n", "http1"],
  ["several, which servers skip too", "\r\n\r\n\n\nGET / HTTP/1.1\r\n", "http1"],
  ["empty lines alone", "\r\n\r\n", "more"],
  ["more empty lines than anybody sends", "\r\n".repeat(5_000), "http1"],
  ["empty lines up to where nothing is looked at any more", `${"\r\n".repeat(4_095)}GE`, "http1"],
  ["a line longer than is looked at", `SEARCH /${"a".repeat(9_000)} HTTP/1.1\r\n`, "http1"],
  ["one with an absolute target", `SEARCH http://a/${"a".repeat(9_000)} HTTP/1.1\r\n`, "http1"],
  ["a long line that is no request", `DATA ${"a".repeat(9_000)}`, "tcp"],
])("%s", (_what, text, wanted) => {
  expect(of(text)).toBe(wanted);
});
