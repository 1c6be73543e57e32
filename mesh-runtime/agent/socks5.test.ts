import { expect, test } from "vitest";
import { readGreeting, readRequest } from "./socks5.ts";

const bytes = (...values: (number | string)[]): Buffer =>
  Buffer.concat(values.map((value) => (typeof value === "string" ? Buffer.from(value) : Buffer.from([value]))));

test.each([
  { name: "IPv4", request: bytes(5, 1, 0, 1, 10, 0, 0, 1, 0x1f, 0x90), host: "10.0.0.1" },
  { name: "a name", request: bytes(5, 1, 0, 3, 4, "cart", 0x1f, 0x90), host: "cart" },
  {
    name: "IPv6",
    request: bytes(5, 1, 0, 4, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x1f, 0x90),
    host: "2001:db8:0:0:0:0:0:1",
  },
  {
    name: "IPv4 within IPv6, which must not slip past the rules for IPv4",
    request: bytes(5, 1, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1, 0x1f, 0x90),
    host: "127.0.0.1",
  },
])("reads $name whole and in any pieces", ({ request, host }) => {
  expect(readRequest(Buffer.concat([request, Buffer.from("rest")]))).toMatchObject({
    kind: "request",
    host,
    port: 8080,
    rest: Buffer.from("rest"),
  });
  for (let length = 0; length < request.length; length += 1) {
    expect(readRequest(request.subarray(0, length)).kind).toBe("more");
  }
});

test.each([
  { name: "BIND", request: bytes(5, 2, 0, 1, 10, 0, 0, 1, 0, 80), reply: 7 },
  { name: "an unknown address type", request: bytes(5, 1, 0, 9, 10, 0, 0, 1, 0, 80), reply: 8 },
  { name: "port 0", request: bytes(5, 1, 0, 1, 10, 0, 0, 1, 0, 0), reply: 1 },
  { name: "a name with a space", request: bytes(5, 1, 0, 3, 3, "a b", 0, 80), reply: 1 },
  { name: "version 4", request: bytes(4, 1, 0, 1, 10, 0, 0, 1, 0, 80), reply: 1 },
])("refuses $name", ({ request, reply }) => {
  const step = readRequest(request);
  expect(step.kind === "refused" && step.reply[1]).toBe(reply);
});

test("offers no authentication, and nothing else", () => {
  expect(readGreeting(bytes(5, 2, 2, 0, "x"))).toMatchObject({ kind: "greeted", rest: Buffer.from("x") });
  expect(readGreeting(bytes(5, 1, 2))).toMatchObject({ kind: "refused" });
  expect(readGreeting(bytes(5, 2, 0))).toMatchObject({ kind: "more" });
});
