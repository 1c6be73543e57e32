import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import * as z from "zod";
import { fetchJson } from "./fetch-json.ts";

let server: Server;
let origin: string;

const refusal = {
  type: "about:blank",
  title: "Forbidden",
  status: 403,
  code: "forbidden",
  detail: "Only platform engineers may do this.",
};

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === "/good") {
      response.end(JSON.stringify({ n: 1 }));
    } else if (request.url === "/bad-shape") {
      response.end(JSON.stringify({ n: "one" }));
    } else if (request.url === "/refused") {
      response.writeHead(403, { "content-type": "application/problem+json" }).end(JSON.stringify(refusal));
    } else {
      response.writeHead(502).end("<html>");
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const schema = z.strictObject({ n: z.int() });

it("returns what the contract describes", async () => {
  expect(await fetchJson(schema, `${origin}/good`)).toEqual({ n: 1 });
});

it.each([
  ["/refused", "forbidden", "Only platform engineers may do this."],
  ["/bad-shape", "unexpected-answer", "Reload it"],
  ["/broken", "unexpected-answer", "502"],
])("throws for %s the code %s with words for the screen", async (path, code, words) => {
  await expect(fetchJson(schema, origin + path)).rejects.toMatchObject({
    code,
    userMessage: expect.stringContaining(words),
  });
});

it("says offline when nobody answers", async () => {
  await expect(fetchJson(schema, "http://127.0.0.1:1/")).rejects.toMatchObject({ code: "offline" });
});

it("lets an abort pass as an abort", async () => {
  await expect(fetchJson(schema, `${origin}/good`, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    name: "AbortError",
  });
});
