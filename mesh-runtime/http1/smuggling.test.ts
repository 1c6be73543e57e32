import { describe, expect, test } from "vitest";
import { type Http1ErrorCode, http1ErrorCodes } from "./http1-error.ts";
import { RequestReader } from "./request-reader.ts";
import { ResponseReader } from "./response-reader.ts";

const readRequest = (text: string) => {
  const bodies: Buffer[] = [];
  const heads: string[] = [];
  let ended = 0;
  const reader = new RequestReader({
    head: (head) => heads.push(`${head.method} ${head.target.authority} ${head.target.path}`),
    body: (data) => bodies.push(data),
    end: () => ended++,
  });
  const error = reader.push(Buffer.from(text, "latin1"));
  return {
    error: error?.code,
    status: error?.status,
    heads,
    body: Buffer.concat(bodies).toString("latin1"),
    ended,
    reader,
  };
};

const get = (fields: string) => `GET / HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n`;
const post = (fields: string, body: string) => `POST / HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n${body}`;

const refused: [name: string, request: string, code: Http1ErrorCode, status: number][] = [
  ["bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", "bare-line-end", 400],
  ["bare LF after a field", "GET / HTTP/1.1\r\nHost: a\n\r\n", "bare-line-end", 400],
  ["bare LF as the empty line", "GET / HTTP/1.1\r\nHost: a\r\n\n", "bare-line-end", 400],
  ["bare LF before the message", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "bare-line-end", 400],
  ["bare CR in a field value", get("X: a\rContent-Length: 5"), "field-value", 400],
  ["bare CR at the end of a name", get("X\r: a"), "field-name", 400],
  ["bare CR in the request line", "GET /\r HTTP/1.1\r\nHost: a\r\n\r\n", "request-line", 400],
  ["two empty lines before the message", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "request-line", 400],
  ["a folded field (SP)", get("X: a\r\n b"), "obs-fold", 400],
  ["a folded field (HTAB)", get("X: a\r\n\tb"), "obs-fold", 400],
  ["a field line that starts with SP", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", "obs-fold", 400],
  ["a space before the colon", get("Content-Length : 5"), "field-name", 400],
  ["a tab before the colon", get("Transfer-Encoding\t: chunked"), "field-name", 400],
  ["a field without a colon", get("nonsense"), "field-name", 400],
  ["an empty field name", get(": a"), "field-name", 400],
  ["a NUL in a name", get("X\0Y: a"), "field-name", 400],
  ["a NUL in a value", get("X: a\0b"), "field-value", 400],
  ["a DEL in a value", get("X: a\x7fb"), "field-value", 400],
  ["a vertical tab in a value", get("Transfer-Encoding: \x0bchunked"), "field-value", 400],
  ["an obs-text byte in a name", get("X\xe9: a"), "field-name", 400],
  ["a quoted field name", get('"X": a'), "field-name", 400],
  ["two equal Content-Lengths", post("Content-Length: 1\r\nContent-Length: 1", "a"), "content-length", 400],
  ["two different Content-Lengths", post("Content-Length: 1\r\nContent-Length: 2", "aa"), "content-length", 400],
  ["Content-Length as a list", post("Content-Length: 1, 1", "a"), "content-length", 400],
  ["Content-Length with a sign", post("Content-Length: +1", "a"), "content-length", 400],
  ["a negative Content-Length", post("Content-Length: -1", "a"), "content-length", 400],
  ["Content-Length in hexadecimal", post("Content-Length: 0x1", "a"), "content-length", 400],
  ["Content-Length with a fraction", post("Content-Length: 1.0", "a"), "content-length", 400],
  ["an empty Content-Length", post("Content-Length:", "a"), "content-length", 400],
  ["Content-Length beyond 2^53", post("Content-Length: 9007199254740993", "a"), "content-length", 400],
  ["Content-Length of many digits", post("Content-Length: 11111111111111111111", "a"), "content-length", 400],
  ["Content-Length with a comment", post("Content-Length: 1 (one)", "a"), "content-length", 400],
  ["CL.TE", post("Content-Length: 6\r\nTransfer-Encoding: chunked", "0\r\n\r\nG"), "content-length", 400],
  ["TE.CL", post("Transfer-Encoding: chunked\r\nContent-Length: 4", "0\r\n\r\n"), "content-length", 400],
  ["TE.TE", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\n"), "transfer-encoding", 400],
  ["TE with identity after", post("Transfer-Encoding: chunked, identity", "0\r\n\r\n"), "transfer-coding", 501],
  ["TE with gzip before", post("Transfer-Encoding: gzip, chunked", "0\r\n\r\n"), "transfer-coding", 501],
  ["TE xchunked", post("Transfer-Encoding: xchunked", "0\r\n\r\n"), "transfer-coding", 501],
  ["TE identity", post("Transfer-Encoding: identity", ""), "transfer-coding", 501],
  ["an empty TE", post("Transfer-Encoding:", "0\r\n\r\n"), "transfer-coding", 501],
  ["TE with a parameter", post("Transfer-Encoding: chunked;a=b", "0\r\n\r\n"), "transfer-coding", 501],
  ["TE in quotes", post('Transfer-Encoding: "chunked"', "0\r\n\r\n"), "transfer-coding", 501],
  [
    "TE in HTTP/1.0",
    "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "transfer-encoding",
    400,
  ],
  ["no Host", "GET / HTTP/1.1\r\n\r\n", "host", 400],
  ["two Hosts", get("Host: b"), "host", 400],
  ["two equal Hosts", get("Host: a"), "host", 400],
  ["an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", "host", 400],
  ["a Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "host", 400],
  ["a Host with userinfo", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", "host", 400],
  ["a Host with a space", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "host", 400],
  ["a Host list", "GET / HTTP/1.1\r\nHost: a, b c\r\n\r\n", "host", 400],
  ["a Host with a bad port", "GET / HTTP/1.1\r\nHost: a:80x\r\n\r\n", "host", 400],
  ["a bad Host beside an absolute target", "GET http://a/ HTTP/1.1\r\nHost: b c\r\n\r\n", "host", 400],
  ["no Host beside an absolute target", "GET http://a/ HTTP/1.1\r\n\r\n", "host", 400],
  ["an absolute target with userinfo", "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", "target", 400],
  ["an absolute target of another scheme", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", "target", 400],
  ["an absolute target without a host", "GET http:/// HTTP/1.1\r\nHost: a\r\n\r\n", "target", 400],
  ["a relative target", "GET a HTTP/1.1\r\nHost: a\r\n\r\n", "target", 400],
  ["a backslash as target", "GET \\a HTTP/1.1\r\nHost: a\r\n\r\n", "target", 400],
  ["a fragment", "GET /#a HTTP/1.1\r\nHost: a\r\n\r\n", "target", 400],
  ["an asterisk without OPTIONS", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", "target", 400],
  ["CONNECT without a port", "CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n", "target", 400],
  ["CONNECT with a body", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na", "content-length", 400],
  ["an empty target", "GET  HTTP/1.1\r\nHost: a\r\n\r\n", "request-line", 400],
  ["a space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", "request-line", 400],
  ["a tab in the request line", "GET\t/\tHTTP/1.1\r\nHost: a\r\n\r\n", "method", 400],
  ["non-ASCII in the target", "GET /\xe9 HTTP/1.1\r\nHost: a\r\n\r\n", "request-line", 400],
  ["a space after the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", "request-line", 400],
  ["HTTP/0.9", "GET /\r\n\r\n", "request-line", 400],
  ["HTTP/2.0", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "version", 505],
  ["HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", "version", 505],
  ["http in lower case", "GET / http/1.1\r\nHost: a\r\n\r\n", "request-line", 400],
  ["a TLS hello", "\x16\x03\x01\x02\0\x01", "request-line", 400],
  ["a space before the method", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", "request-line", 400],
  ["a method that is no token", "GE(T / HTTP/1.1\r\nHost: a\r\n\r\n", "method", 400],
  ["a request line of 17 KiB", `GET /${"a".repeat(17_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, "target-too-long", 414],
  ["an endless request line", `GET /${"a".repeat(17_000)}`, "target-too-long", 414],
  ["101 fields", get(Array.from({ length: 100 }, () => "X: a").join("\r\n")), "too-many-fields", 431],
  ["a head of 65 KiB", get(`X: ${"a".repeat(65 * 1024)}`), "head-too-large", 431],
  ["a chunk size with a prefix", post("Transfer-Encoding: chunked", "0x1\r\na\r\n0\r\n\r\n"), "chunk-size", 400],
  ["a chunk size with a sign", post("Transfer-Encoding: chunked", "+1\r\na\r\n0\r\n\r\n"), "chunk-size", 400],
  ["a space before a chunk size", post("Transfer-Encoding: chunked", " 1\r\na\r\n0\r\n\r\n"), "chunk-size", 400],
  ["a space after a chunk size", post("Transfer-Encoding: chunked", "1 \r\na\r\n0\r\n\r\n"), "chunk-size", 400],
  ["no chunk size", post("Transfer-Encoding: chunked", "\r\na\r\n0\r\n\r\n"), "chunk-size", 400],
  ["a chunk size that overflows", post("Transfer-Encoding: chunked", "ffffffffffffffff1\r\na"), "chunk-size", 400],
  ["a chunk size of leading zeros", post("Transfer-Encoding: chunked", `${"0".repeat(20)}1\r\na`), "chunk-size", 400],
  ["a bare LF after a chunk size", post("Transfer-Encoding: chunked", "1\na\r\n0\r\n\r\n"), "chunk-size", 400],
  ["a bare LF in an extension", post("Transfer-Encoding: chunked", "1;a\nb\r\na\r\n0\r\n\r\n"), "chunk-extension", 400],
  ["a bare CR after a chunk size", post("Transfer-Encoding: chunked", "1\rXa\r\n0\r\n\r\n"), "bare-line-end", 400],
  ["an extension of 300 bytes", post("Transfer-Encoding: chunked", `1;${"a".repeat(300)}\r\n`), "chunk-extension", 400],
  ["chunk data that is too long", post("Transfer-Encoding: chunked", "1\r\nab\r\n0\r\n\r\n"), "chunk-data", 400],
  ["chunk data ended by a bare LF", post("Transfer-Encoding: chunked", "1\r\na\n0\r\n\r\n"), "chunk-data", 400],
  [
    "a trailer that changes framing",
    post("Transfer-Encoding: chunked", "0\r\nContent-Length: 5\r\n\r\n"),
    "trailer",
    400,
  ],
  ["a malformed trailer", post("Transfer-Encoding: chunked", "0\r\nX Y: 5\r\n\r\n"), "field-name", 400],
  ["a bare LF in the trailers", post("Transfer-Encoding: chunked", "0\r\nX: 5\n\r\n"), "bare-line-end", 400],
];

describe("refuses", () => {
  test.each(refused)("%s", (_name, request, code, status) => {
    const seen = readRequest(request);
    expect([seen.error, seen.status]).toEqual([code, status]);
  });

  test.each(refused)("%s, byte by byte, alike", (_name, request, code) => {
    let error: string | undefined;
    const reader = new RequestReader({ head() {}, body() {}, end() {} });
    for (const byte of Buffer.from(request, "latin1")) {
      error = reader.push(Buffer.of(byte))?.code;
      if (error !== undefined) {
        break;
      }
    }
    expect(error).toBe(code);
  });

  test("a body beyond the limit, announced or chunked, with 413", () => {
    for (const request of [
      post("Content-Length: 9", "123456789"),
      post("Transfer-Encoding: chunked", "9\r\n123456789"),
    ]) {
      const reader = new RequestReader({ head() {}, body() {}, end() {} }, { body: 8 });
      expect(reader.push(Buffer.from(request))?.status).toBe(413);
    }
  });

  test("extensions of all chunks together beyond the limit", () => {
    const reader = new RequestReader({ head() {}, body() {}, end() {} });
    const chunk = `1;${"a".repeat(200)}\r\na\r\n`;
    expect(reader.push(Buffer.from(post("Transfer-Encoding: chunked", chunk.repeat(100))))?.code).toBe(
      "chunk-extension",
    );
  });
});

test.each([
  ["origin form", "GET /a?b HTTP/1.1\r\nHost: H:80\r\n\r\n", "GET H:80 /a?b"],
  ["absolute form wins over Host", "GET http://a:1/b HTTP/1.1\r\nHost: c\r\n\r\n", "GET a:1 /b"],
  ["absolute form without a path", "GET http://a HTTP/1.1\r\nHost: c\r\n\r\n", "GET a /"],
  ["absolute form with a query alone", "GET HTTP://a?b HTTP/1.1\r\nHost: c\r\n\r\n", "GET a /?b"],
  ["OPTIONS of a server", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS a *"],
  ["OPTIONS of a server through a proxy", "OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS a *"],
  ["CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", "CONNECT a:443 "],
  ["IPv6", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "GET [::1]:80 /"],
  ["HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", "GET  /"],
  ["one empty line before", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET a /"],
])("accepts %s", (_name, request, head) => {
  expect(readRequest(request)).toMatchObject({ error: undefined, heads: [head], ended: 1 });
});

test.each([
  ["no body", get("X: a"), ""],
  ["a length", post("Content-Length: 3", "abc"), "abc"],
  ["a length of zero", post("Content-Length: 0", ""), ""],
  ["chunks", post("transfer-encoding: Chunked", "1\r\na\r\nA;x=y\r\n0123456789\r\n0;z\r\nX: y\r\n\r\n"), "a0123456789"],
])("reads %s", (_name, request, body) => {
  expect(readRequest(request)).toMatchObject({ error: undefined, body, ended: 1 });
});

test("holds a pipelined request back until it is asked for", () => {
  const { heads, reader } = readRequest(`${get("X: a")}GET /2 HTTP/1.1\r\nHost: a\r\n\r\n`);
  expect(heads).toEqual(["GET a /"]);
  expect(reader.heldBytes).toBeGreaterThan(0);
  reader.next();
  expect(heads).toEqual(["GET a /", "GET a /2"]);
});

describe("responses", () => {
  const readResponse = (method: string, text: string) => {
    const bodies: Buffer[] = [];
    const statuses: number[] = [];
    let ended = 0;
    const reader = new ResponseReader({
      head: (head) => statuses.push(head.status),
      body: (data) => bodies.push(data),
      end: () => ended++,
    });
    reader.expect(method);
    const error = reader.push(Buffer.from(text, "latin1"));
    return { error: error?.code, statuses, body: Buffer.concat(bodies).toString("latin1"), ended, reader };
  };

  test.each([
    ["HEAD has no body", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "", 1],
    ["204 has no body", "GET", "HTTP/1.1 204 No Content\r\n\r\n", "", 1],
    ["304 has no body", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "", 1],
    ["100 precedes", "POST", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", "a", 1],
    ["101 makes a tunnel", "GET", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nraw", "raw", 0],
    ["CONNECT makes a tunnel", "CONNECT", "HTTP/1.1 200 OK\r\n\r\nraw", "raw", 0],
    ["until close", "GET", "HTTP/1.0 200 OK\r\n\r\nabc", "abc", 0],
    ["no reason phrase", "GET", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "", 1],
  ])("%s", (_name, method, text, body, ended) => {
    expect(readResponse(method, text)).toMatchObject({ error: undefined, body, ended });
  });

  test.each([
    ["TE with CL", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", "content-length"],
    ["TE with 204", "HTTP/1.1 204 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "transfer-encoding"],
    ["a status of two digits", "HTTP/1.1 20 OK\r\n\r\n", "status-line"],
    ["HTTP/2", "HTTP/2 200\r\n\r\n", "status-line"],
    ["a NUL in the reason", "HTTP/1.1 200 a\0b\r\n\r\n", "status-line"],
  ])("refuses %s", (_name, text, code) => {
    expect(readResponse("GET", text).error).toBe(code);
  });

  test("nobody's response is refused, before and after", () => {
    const { reader } = readResponse("GET", "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\n\r\n");
    expect(reader.heldBytes).toBeGreaterThan(0);
    expect(reader.expect("GET")?.code).toBe("unexpected");
  });

  test("the end of the stream ends a body until close and truncates others", () => {
    expect(readResponse("GET", "HTTP/1.1 200 OK\r\n\r\nabc").reader.finish()).toBeUndefined();
    expect(readResponse("GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc").reader.finish()?.code).toBe(
      "truncated",
    );
    expect(readResponse("GET", "HTTP/1.1 200").reader.finish()?.code).toBe("truncated");
  });
});

test("every code is thrown by a case above or is about the end of a stream", () => {
  const elsewhere = ["status-line", "truncated", "unexpected", "body-too-large"];
  expect(http1ErrorCodes.filter((code) => !refused.some((row) => row[2] === code)).sort()).toEqual(elsewhere.sort());
});
