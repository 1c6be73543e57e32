import type { IncomingMessage } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  closeOpened,
  cluster,
  dialRig,
  listener,
  proxyConfig,
  type Rig,
  readAll,
  rule,
  startBackend,
  startRig,
  workload,
} from "./engine-rig.suite.ts";
import { startHttp2Backend } from "./http2-rig.suite.ts";

/**
 * Requests that two parsers could read differently, sent through a gateway to a real `node:http` server. Each must be
 * refused, or arrive as exactly one request with exactly the bytes that were judged.
 */
interface Seen {
  readonly line: string;
  readonly body: string;
}
const seen: Seen[] = [];
let rig: Rig;

async function startHttp1(): Promise<number> {
  const { port } = await startBackend(async (request: IncomingMessage, response) => {
    let body = "";
    try {
      for await (const chunk of request) {
        body += String(chunk);
      }
    } catch {
      // Given up by the proxy because its rest was malformed: never a request.
      return;
    }
    seen.push({ line: `${request.method} ${request.headers.host} ${request.url}`, body });
    response.end("ok");
  });
  return port;
}

async function startHttp2(): Promise<number> {
  const { port } = await startHttp2Backend((stream, headers) => {
    let body = "";
    stream.on("data", (chunk: Buffer) => {
      body += String(chunk);
    });
    stream.on("end", () => {
      if (stream.aborted || stream.rstCode !== 0) {
        return;
      }
      seen.push({ line: `${headers[":method"]} ${headers[":authority"]} ${headers[":path"]}`, body });
      stream.respond({ ":status": 200 });
      stream.end("ok");
    });
  });
  return port;
}

describe.each([
  ["HTTP", startHttp1],
  ["HTTP2", startHttp2],
] as const)("to an upstream of protocol %s", (protocol, start) => {
  beforeAll(async () => {
    const port = await start();
    // Nobody may reach /admin: a smuggled request would.
    const denyAdmin = {
      name: "admin",
      namespace: "default",
      action: "DENY" as const,
      dryRun: false,
      provider: "",
      rules: [{ from: [], to: [{ paths: [{ kind: "prefix" as const, value: "/admin" }] }], when: [] }],
    };
    // Whoever has no x-user is refused: a field that is stripped on the way does not count.
    const needUser = {
      name: "user",
      namespace: "default",
      action: "DENY" as const,
      dryRun: false,
      provider: "",
      rules: [
        {
          from: [],
          to: [{ paths: [{ kind: "prefix" as const, value: "/user" }] }],
          when: [{ key: "request.headers[x-user]", notValues: [{ kind: "presence" as const }] }],
        },
      ],
    };
    rig = await startRig([workload("a", port)], {
      config: proxyConfig({
        listeners: [listener([rule()], { authorizations: [denyAdmin, needUser] })],
        clusters: [cluster({ protocol })],
      }),
    });
  });
  afterAll(closeOpened);

  async function send(bytes: string): Promise<{ statuses: string[]; seen: Seen[] }> {
    seen.length = 0;
    const socket = await dialRig(rig);
    socket.write(bytes, "latin1");
    const answer = await readAll(socket);
    return { statuses: [...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map((match) => match[1] ?? ""), seen: [...seen] };
  }

  const smuggled = "GET /admin HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  const post = (fields: string, body: string) => `POST /public HTTP/1.1\r\nHost: a\r\n${fields}\r\n${body}`;

  test.each([
    ["CL.TE", post("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", `0\r\n\r\n${smuggled}`), "400"],
    ["TE.CL", post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", `5c\r\n${smuggled}\r\n0\r\n\r\n`), "400"],
    ["TE.TE, obscured by a space", post("Transfer-Encoding : chunked\r\nContent-Length: 4\r\n", smuggled), "400"],
    ["TE.TE, obscured by a tab", post("Transfer-Encoding:\tchunked\r\nTransfer-Encoding: x\r\n", smuggled), "400"],
    ["TE.TE, unknown last", post("Transfer-Encoding: chunked\r\nTransfer-encoding: identity\r\n", smuggled), "400"],
    ["TE.TE, folded", post("Transfer-Encoding:\r\n chunked\r\n", smuggled), "400"],
    ["TE, xchunked", post("Transfer-Encoding: xchunked\r\n", smuggled), "501"],
    ["TE, bare LF before it", post("X: a\nTransfer-Encoding: chunked\r\n", `0\r\n\r\n${smuggled}`), "400"],
    ["CL.CL", post(`Content-Length: 0\r\nContent-Length: ${smuggled.length}\r\n`, smuggled), "400"],
    ["CL list", post(`Content-Length: 0, ${smuggled.length}\r\n`, smuggled), "400"],
    ["CL with a plus", post("Content-Length: +0\r\n", smuggled), "400"],
    ["CL in another base", post("Content-Length: 0x0\r\n", smuggled), "400"],
    ["CL behind a vertical tab", post("Content-Length:\x0b0\r\n", smuggled), "400"],
    ["a NUL in a name", post("Content-Length\0: 0\r\n", smuggled), "400"],
    ["a bare CR", post("X: a\rContent-Length: 9\r\n", smuggled), "400"],
    ["chunk size overflow", post("Transfer-Encoding: chunked\r\n", `10000000000000000\r\n${smuggled}`), "400"],
    ["chunk ended by LF", post("Transfer-Encoding: chunked\r\n", `1\r\na\n0\r\n\r\n${smuggled}`), "400"],
    ["LF in a chunk extension", post("Transfer-Encoding: chunked\r\n", `1;\nab\r\n0\r\n\r\n${smuggled}`), "400"],
    ["a tab before the colon", post("Content-Length\t: 0\r\n", smuggled), "400"],
    ["a space before a name", post(" Content-Length: 0\r\n", smuggled), "400"],
    ["an empty name", post(": 0\r\n", smuggled), "400"],
    ["a line without a colon", post("Content-Length 0\r\n", smuggled), "400"],
    ["CL below zero", post("Content-Length: -1\r\n", smuggled), "400"],
    ["CL beyond what can be counted", post("Content-Length: 99999999999999999999\r\n", smuggled), "400"],
    ["CL with a comma", post("Content-Length: 0,\r\n", smuggled), "400"],
    ["TE, chunked twice", post("Transfer-Encoding: chunked, chunked\r\n", `0\r\n\r\n${smuggled}`), "501"],
    ["TE in quotes", post('Transfer-Encoding: "chunked"\r\n', smuggled), "501"],
    ["TE with a parameter", post("Transfer-Encoding: chunked;q=1\r\n", smuggled), "501"],
    ["a chunk size with a sign", post("Transfer-Encoding: chunked\r\n", `+0\r\n\r\n${smuggled}`), "400"],
    ["a chunk size with 0x", post("Transfer-Encoding: chunked\r\n", `0x0\r\n\r\n${smuggled}`), "400"],
    ["a chunk size behind a space", post("Transfer-Encoding: chunked\r\n", ` 0\r\n\r\n${smuggled}`), "400"],
    ["a chunk longer than it said", post("Transfer-Encoding: chunked\r\n", `1\r\nab\r\n0\r\n\r\n${smuggled}`), "400"],
    [
      "a chunk extension without an end",
      post("Transfer-Encoding: chunked\r\n", `1;${"x".repeat(300)}\r\na\r\n0\r\n\r\n${smuggled}`),
      "400",
    ],
    ["framing in trailers", post("Transfer-Encoding: chunked\r\n", `0\r\nContent-Length: 5\r\n\r\n${smuggled}`), "400"],
    ["a NUL in the path", "GET /public\0/admin HTTP/1.1\r\nHost: a\r\n\r\n", "400"],
    ["a NUL in a value", post("X: a\0b\r\n", smuggled), "400"],
    [
      "raw bytes of over-long UTF-8 in the path",
      "GET /public/\xc0\xae\xc0\xae/admin HTTP/1.1\r\nHost: a\r\n\r\n",
      "400",
    ],
    ["over-long UTF-8, encoded", `GET /public/%c0%ae%c0%ae/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`, "400"],
    ["a fragment", "GET /public#/admin HTTP/1.1\r\nHost: a\r\n\r\n", "400"],
    ["user information in the target", "GET http://me@a/public HTTP/1.1\r\nHost: a\r\n\r\n", "400"],
    ["another scheme", "GET ftp://a/public HTTP/1.1\r\nHost: a\r\n\r\n", "400"],
    ["a path without a slash", "GET public HTTP/1.1\r\nHost: a\r\n\r\n", "400"],
    ["HTTP/0.9", "GET /public\r\n\r\n", "400"],
    ["HTTP/1.2", "GET /public HTTP/1.2\r\nHost: a\r\n\r\n", "505"],
    ["CR alone behind the request line", "GET /public HTTP/1.1\rHost: a\r\n\r\n", "400"],
    ["two Hosts", "GET /public HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"],
    ["a space in the target", "GET /public HTTP/1.1/admin HTTP/1.1\r\nHost: a\r\n\r\n", "400"],
    ["HTTP/1.0 with TE", "POST /public HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"],
    ["what looks like the HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nGET\r\n\r\n", "505"],
  ])("%s is refused", async (_name, request, status) => {
    const result = await send(request);
    expect(result.statuses).toEqual([status]);
    // The head may be sound and the body not: then the upstream saw a request that never completed.
    expect(result.seen).toEqual([]);
  });

  const closing = "Connection: close\r\n";
  test.each([
    ["a length with zeros in front", post(`${closing}Content-Length: 0003\r\n`, "abc"), "POST a /public", "abc"],
    [
      "chunk extensions and trailers",
      post(`${closing}Transfer-Encoding: CHUNKED\r\n`, "3;a=b\r\nabc\r\n0;c\r\nX: y\r\n\r\n"),
      "POST a /public",
      "abc",
    ],
    ["absolute form over Host", `GET http://b/public HTTP/1.1\r\nHost: a\r\n${closing}\r\n`, "GET b /public", ""],
    [
      "a request in the body",
      post(`${closing}Content-Length: ${smuggled.length}\r\n`, smuggled),
      "POST a /public",
      smuggled,
    ],
    [
      "Content-Length nominated away",
      post(`Connection: close, content-length\r\nContent-Length: 3\r\n`, "abc"),
      "POST a /public",
      "abc",
    ],
    [
      "an encoded slash stays encoded",
      `GET /public%2fadmin HTTP/1.1\r\nHost: a\r\n${closing}\r\n`,
      "GET a /public%2fadmin",
      "",
    ],
    ["one empty line before", `\r\nGET /public HTTP/1.1\r\nHost: a\r\n${closing}\r\n`, "GET a /public", ""],
    ["Host nominated away", `GET /public HTTP/1.1\r\nHost: a\r\nConnection: close, host\r\n\r\n`, "GET a /public", ""],
  ])("%s arrives as one request", async (_name, request, line, body) => {
    const result = await send(request);
    expect(result.statuses).toEqual(["200"]);
    expect(result.seen).toEqual([{ line, body }]);
  });

  test.each([
    "/admin",
    "/public/../admin",
    "/public/%2e%2E/admin",
    "//../admin",
    "/.\\admin",
    "/%61dmin",
    "/x\\..\\admin",
    "/admin?/../public",
  ])("%s is judged as what it is", async (path) => {
    const result = await send(`GET ${path} HTTP/1.1\r\nHost: a\r\n${closing}\r\n`);
    expect([result.statuses, result.seen]).toEqual([["403"], []]);
  });

  test("a field that Connection strips is judged as absent", async () => {
    const user = (fields: string) => send(`GET /user HTTP/1.1\r\nHost: a\r\n${fields}\r\n`);
    expect((await user(`${closing}X-User: me\r\n`)).statuses).toEqual(["200"]);
    expect((await user("X-User: me\r\nConnection: close, x-user\r\n")).statuses).toEqual(["403"]);
  });
});
