import fc from "fast-check";
import { expect, test } from "vitest";
import { requestHeadText } from "../../http1/index.ts";
import type { Peer } from "../peer.ts";
import { readHttp2Request } from "./read-http2-request.ts";

const peer: Peer = {
  principal: undefined,
  sourceIp: "127.0.0.1",
  destinationIp: "127.0.0.1",
  workload: undefined,
  sni: "",
  scheme: "http",
};
const rules = { kind: "waypoint", tracing: { enabled: false, sampling: 0 }, tellsCallersAs: "" } as const;
const read = (raw: readonly string[], ended = false) => readHttp2Request(raw, ended, peer, rules, () => 0.5);
const get = [":method", "GET", ":scheme", "http", ":authority", "a", ":path", "/"];
const without = (name: string): string[] => get.filter((_, index) => get[index - (index % 2)] !== name);
const swap = (name: string, value: string): string[] =>
  get.map((part, index) => (get[index - 1] === name ? value : part));

/** What must never reach an HTTP/1 upstream (RFC 9113 §8.2, §8.3, §10.3). */
test.each([
  ["transfer-encoding", [...get, "transfer-encoding", "chunked"]],
  ["connection", [...get, "connection", "close"]],
  ["keep-alive", [...get, "keep-alive", "timeout=5"]],
  ["proxy-connection", [...get, "proxy-connection", "keep-alive"]],
  ["upgrade", [...get, "upgrade", "h2c"]],
  ["te other than trailers", [...get, "te", "gzip"]],
  ["CR LF in a value", [...get, "x-a", "b\r\nTransfer-Encoding: chunked"]],
  ["LF in a value", [...get, "x-a", "b\nc"]],
  ["CR in a value", [...get, "x-a", "b\rc"]],
  ["NUL in a value", [...get, "x-a", "b\0c"]],
  ["a character that latin1 would cut to LF", [...get, "x-a", "b\u010ac"]],
  ["a space before a value", [...get, "x-a", " b"]],
  ["a tab behind a value", [...get, "x-a", "b\t"]],
  ["CR LF in a name", [...get, "x-a\r\nb", "c"]],
  ["a colon in a name", [...get, "x-a: b", "c"]],
  ["a space in a name", [...get, "transfer-encoding ", "chunked"]],
  ["an upper-case name", [...get, "Transfer-Encoding", "chunked"]],
  ["an empty name", [...get, "", "a"]],
  ["CR LF in the path", swap(":path", "/ HTTP/1.1\r\nHost: b")],
  ["a space in the path", swap(":path", "/a b")],
  ["a fragment in the path", swap(":path", "/a#b")],
  ["an absolute path", swap(":path", "http://b/")],
  ["an empty path", swap(":path", "")],
  ["a path of bytes beyond ASCII", swap(":path", "/\xc0\xaf")],
  ["* without OPTIONS", swap(":path", "*")],
  ["no path", without(":path")],
  ["no method", without(":method")],
  ["no scheme", without(":scheme")],
  ["no authority and no Host", without(":authority")],
  ["a space in the method", swap(":method", "GET /admin HTTP/1.1\r\nX:")],
  ["an empty method", swap(":method", "")],
  ["another scheme", swap(":scheme", "file")],
  ["CR LF in the scheme", swap(":scheme", "http\r\nx: y")],
  ["user information in the authority", swap(":authority", "me@a")],
  ["a slash in the authority", swap(":authority", "a/admin")],
  ["CR LF in the authority", swap(":authority", "a\r\nx: y")],
  ["Host that says otherwise", [...get, "host", "b"]],
  ["two Hosts", [...get, "host", "a", "host", "a"]],
  ["two paths", [...get, ":path", "/admin"]],
  ["a pseudo-header behind a field", [...get.slice(0, 6), "x-a", "b", ":path", "/"]],
  ["an unknown pseudo-header", [...get, ":status", "200"]],
  ["two lengths", [...get, "content-length", "1", "content-length", "1"]],
  ["a length that is no number", [...get, "content-length", "+1"]],
  ["a list of lengths", [...get, "content-length", "1, 1"]],
  [":protocol without CONNECT", [...get, ":protocol", "websocket"]],
  ["another protocol", [...swap(":method", "CONNECT"), ":protocol", "h2c"]],
  ["CONNECT with a path", swap(":method", "CONNECT")],
])("%s is refused", (_name, raw) => {
  expect(read(raw)).toHaveProperty("malformed");
});

test("a length without a body is refused", () => {
  expect(read([...get, "content-length", "5"], true)).toHaveProperty("malformed");
});

test("what is sound is read", () => {
  expect(
    read(
      [...get.slice(0, 4), ":path", "/a?b", "host", "A:80", "te", "trailers", "cookie", "a=1", "cookie", "b=2"],
      true,
    ),
  ).toMatchObject({
    protocol: "HTTP/2",
    method: "GET",
    authority: "A:80",
    target: "/a?b",
    body: { kind: "none" },
    upgrade: undefined,
    fields: { list: expect.arrayContaining(["cookie", "a=1; b=2"]) },
  });
  expect(read([...get, "content-length", "5"])).toMatchObject({ body: { kind: "length", length: 5 } });
  expect(read(swap(":method", "POST"), true)).toMatchObject({ body: { kind: "length", length: 0 } });
  expect(read(swap(":method", "POST"))).toMatchObject({ body: { kind: "stream" } });
  const upgrade = ["CONNECT", ...swap(":method", "CONNECT").slice(2)];
  expect(read([":method", ...upgrade, ":protocol", "websocket"])).toMatchObject({
    method: "GET",
    upgrade: "websocket",
  });
});

test("whatever is let through is one HTTP/1 head with the fields that were judged", () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom("\r\n", "\n", "\0", ": ", "transfer-encoding", "chunked", "\u010a", " ", "/", "a", "host"),
  );
  const text = fc.array(piece, { maxLength: 4 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(
      text,
      text,
      text,
      fc.array(fc.tuple(text, text), { maxLength: 4 }),
      (path, authority, method, fields) => {
        const raw = [":method", method, ":scheme", "http", ":authority", authority, ":path", `/${path}`];
        const request = read([...raw, ...fields.flat()]);
        if ("malformed" in request) {
          return;
        }
        const head = requestHeadText({
          method: request.method,
          target: request.target,
          host: request.authority,
          fields: request.fields,
          framing: { kind: "none" },
        });
        const wire = Buffer.from(head, "latin1").toString("latin1");
        const lines = wire.split("\r\n");
        expect(lines).toHaveLength(request.fields.size + 4);
        expect(wire.replaceAll("\r\n", "")).not.toMatch(/[\r\n\0]/);
        expect(lines[0]).toBe(`${method} /${path} HTTP/1.1`);
      },
    ),
  );
});
