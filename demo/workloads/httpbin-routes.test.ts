import type { Server } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { httpbinHandler } from "./httpbin-routes.ts";
import { serve } from "./server.ts";

let server: Server;
let base: string;
beforeAll(async () => {
  const served = await serve(0, httpbinHandler);
  server = served.server;
  base = `http://127.0.0.1:${served.port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const call = async (path: string, init: RequestInit = {}) => {
  const response = await fetch(base + path, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
};

test.each<[string, RequestInit, number, object]>([
  ["/headers", { headers: { "x-test-me": "1" } }, 200, { headers: { "X-Test-Me": "1" } }],
  ["/ip", {}, 200, { origin: "127.0.0.1" }],
  ["/ip", { headers: { "x-forwarded-for": "10.0.0.1" } }, 200, { origin: "10.0.0.1" }],
  ["/user-agent", { headers: { "user-agent": "t" } }, 200, { "user-agent": "t" }],
  ["/get?a=1&b=2&b=3", {}, 200, { args: { a: "1", b: ["2", "3"] } }],
  ["/post", { method: "POST", body: '{"a":1}' }, 200, { data: '{"a":1}', json: { a: 1 }, form: {} }],
  ["/post", { method: "POST", body: new URLSearchParams({ a: "b" }) }, 200, { data: "", form: { a: "b" } }],
  ["/anything/x", { method: "DELETE" }, 200, { method: "DELETE" }],
  ["/status/418", {}, 418, { status: 418 }],
  ["/status/99", {}, 400, {}],
  ["/status/x", {}, 400, {}],
  ["/delay/0", {}, 200, { args: {} }],
  ["/nothing", {}, 404, {}],
  ["/post", {}, 405, {}],
  ["/headers", { method: "POST" }, 405, {}],
])("%s %o answers %i", async (path, init, status, body) => {
  const answer = await call(path, init);
  expect(answer.status).toBe(status);
  expect(answer.body).toMatchObject(body);
});

test("204 has no body", async () => {
  expect(await call("/status/204")).toMatchObject({ status: 204, body: undefined });
});

test("405 says what is allowed", async () => {
  expect((await call("/post")).headers.get("allow")).toBe("POST");
});
