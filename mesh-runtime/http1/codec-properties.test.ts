import { Writable } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Fields } from "./fields.ts";
import { chunkedBody, noBody } from "./framing.ts";
import { RequestReader } from "./request-reader.ts";
import { ResponseReader } from "./response-reader.ts";
import { writeBody, writeBodyEnd } from "./write-body.ts";
import { requestHeadText, responseHeadText } from "./write-head.ts";

const run = (kind: "request" | "response", chunks: readonly Buffer[]) => {
  const log: unknown[] = [];
  let body = "";
  const handler = {
    head: (head: object) => log.push({ ...head }),
    body: (data: Buffer) => {
      body += data.toString("latin1");
    },
    end: (trailers: Fields) => log.push(body, trailers.list),
  };
  const reader = kind === "request" ? new RequestReader(handler) : new ResponseReader(handler);
  if (reader instanceof ResponseReader) {
    reader.expect("GET");
  }
  for (const chunk of chunks) {
    const error = reader.push(chunk);
    if (error !== undefined) {
      return { log, body: "", error: error.code };
    }
  }
  return { log, body, error: undefined };
};

const split = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...at, bytes.length].map((end, index) => bytes.subarray(at[index - 1] ?? 0, end));
};

const soup = fc
  .array(
    fc.oneof(
      { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 8 }) },
      {
        weight: 9,
        arbitrary: fc.constantFrom(
          ..."GET |POST |/|/a?b |HTTP/1.1|HTTP/1.0|HTTP/1.1 200 OK|\r\n|\r\n\r\n|\n|\r|Host: a\r\n|Content-Length: 5\r\n|Transfer-Encoding: chunked\r\n|0\r\n\r\n|5\r\nabcde\r\n|;x|: | |\t|Connection: close\r\n|GET / HTTP/1.1\r\nHost: a\r\n".split(
            "|",
          ),
        ),
      },
    ),
    { maxLength: 24 },
  )
  .map((parts) => Buffer.from(parts.join(""), "latin1"));

test("any split into chunks gives the same heads, bodies and verdict", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("request", "response"),
      soup,
      fc.array(fc.nat(), { maxLength: 12 }),
      (kind, bytes, cuts) => {
        expect(run(kind, split(bytes, cuts))).toEqual(run(kind, [bytes]));
      },
    ),
    { numRuns: 3000 },
  );
});

test("no bytes make it throw", () => {
  fc.assert(
    fc.property(fc.constantFrom("request", "response"), fc.uint8Array({ maxLength: 200 }), (kind, bytes) => {
      run(kind, [Buffer.from(bytes)]);
    }),
    { numRuns: 2000 },
  );
});

const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/).map((name) => `x-${name}`);
const value = fc.stringMatching(/^([!-~]([ -~]{0,20}[!-~])?)?$/);
const fieldList = fc.array(fc.tuple(token, value), { maxLength: 12 }).map((pairs) => pairs.flat());

test("a request that was written is read back as it was", () => {
  const request = fc.record({
    method: fc.constantFrom("GET", "POST", "DELETE", "PATCH"),
    target: fc.stringMatching(/^\/[!-"$-~]{0,30}$/),
    host: fc.constantFrom("a", "a.b:80", "[::1]:8080"),
    list: fieldList,
    body: fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 4 }),
  });
  fc.assert(
    fc.property(request, ({ method, target, host, list, body }) => {
      const written: Buffer[] = [];
      const to = new Writable({
        write(chunk: Buffer, _encoding, done) {
          written.push(chunk);
          done();
        },
      });
      const framing = body.length === 0 ? noBody : chunkedBody;
      to.write(requestHeadText({ method, target, host, fields: new Fields(list), framing }), "latin1");
      for (const data of body) {
        writeBody(to, framing, Buffer.from(data));
      }
      writeBodyEnd(to, framing, new Fields(["x-trailer", "1"]));
      const seen = run("request", [Buffer.concat(written)]);
      const head = seen.log[0] as { method: string; target: { path: string; authority: string }; fields: Fields };
      expect(seen.error).toBeUndefined();
      expect([head.method, head.target.path, head.target.authority]).toEqual([method, target, host]);
      const framed = framing.kind === "chunked" ? ["transfer-encoding", "chunked"] : [];
      expect(head.fields.list).toEqual(["host", host, ...list, ...framed]);
      expect(seen.log[1]).toBe(Buffer.concat(body).toString("latin1"));
      expect(seen.log[2]).toEqual(framing.kind === "chunked" ? ["x-trailer", "1"] : []);
    }),
  );
});

test("a response that was written is read back as it was", () => {
  fc.assert(
    fc.property(fc.integer({ min: 200, max: 599 }), fieldList, fc.nat(1000), (status, list, length) => {
      fc.pre(status !== 204 && status !== 304);
      const text = responseHeadText({ status, fields: new Fields(list), framing: { kind: "length", length } });
      const seen = run("response", [Buffer.from(text, "latin1"), Buffer.alloc(length, "a")]);
      expect(seen.error).toBeUndefined();
      expect(seen.log[0]).toMatchObject({ status, fields: { list: [...list, "content-length", String(length)] } });
      expect(seen.log[1]).toBe("a".repeat(length));
    }),
  );
});
