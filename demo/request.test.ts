import { execFile } from "node:child_process";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseRequestFlags } from "./request-plan.ts";

const program = fileURLToPath(new URL("request.ts", import.meta.url));
const seen: { method: string; url: string; headers: IncomingMessage["headers"]; body: string }[] = [];
const server = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) {
    body += String(chunk);
  }
  seen.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers, body });
  response.writeHead(request.url?.endsWith("/deny") ? 403 : 200, { "x-who": "server", "set-cookie": "a=b" });
  response.end(JSON.stringify({ service: "s", version: "v2", pod: "s-1" }));
});
let base: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const run = (args: readonly string[], env: Record<string, string> = {}) =>
  new Promise<{ code: number; lines: Record<string, unknown>[]; stderr: string }>((resolve) => {
    execFile(process.execPath, [program, ...args], { env: { PATH: "", ...env } }, (error, stdout, stderr) => {
      const lines = stdout.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));
      resolve({ code: typeof error?.code === "number" ? error.code : 0, lines, stderr });
    });
  });

describe("towpath-request", () => {
  test("prints one line per answer, with who gave it and a part of its headers", async () => {
    const { code, lines } = await run(["--url", `${base}/x`, "--count", "3", "--concurrency", "2", "--json"]);
    expect(code).toBe(0);
    expect(lines.map(({ n }) => n).sort()).toEqual([1, 2, 3]);
    expect(lines[0]).toMatchObject({
      status: 200,
      service: "s",
      version: "v2",
      pod: "s-1",
      headers: { "x-who": "server" },
    });
    expect(lines[0]?.["headers"]).not.toHaveProperty("set-cookie");
  });

  test("sends method, headers and body as told", async () => {
    seen.length = 0;
    await run([
      "--url",
      base,
      "--method",
      "post",
      "--header",
      "X-Test-Me: a:b",
      "--header",
      "host: h",
      "--body",
      "hi",
      "--json",
    ]);
    expect(seen[0]).toMatchObject({ method: "POST", body: "hi", headers: { "x-test-me": "a:b", host: "h" } });
  });

  test("a refusal is an answer; no answer is a failure", async () => {
    expect(await run(["--url", `${base}/deny`, "--json"])).toMatchObject({ code: 0, lines: [{ status: 403 }] });
    const refused = await run(["--url", "http://127.0.0.1:1/", "--json"]);
    expect(refused).toMatchObject({ code: 1, lines: [{ status: 0, error: expect.stringContaining("ECONNREFUSED") }] });
  });

  test("goes through the pod's front, in absolute form", async () => {
    seen.length = 0;
    const env = { http_proxy: base, HTTP_PROXY: base, NODE_USE_ENV_PROXY: "1", no_proxy: "", NO_PROXY: "" };
    const { lines } = await run(["--url", "http://httpbin.default:8000/deny", "--json"], env);
    expect(lines).toMatchObject([{ status: 403 }]);
    expect(seen[0]?.url).toBe("http://httpbin.default:8000/deny");
  });

  test("wrong flags end with 2 and the usage", async () => {
    const { code, stderr } = await run(["--url", "nonsense"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/--url must be an http or https URL\nusage:/);
  });
});

test.each<[Record<string, unknown>, string]>([
  [{}, "--url"],
  [{ url: "ftp://x" }, "--url"],
  [{ url: "http://x", count: "0" }, "--count"],
  [{ url: "http://x", count: "10001" }, "--count"],
  [{ url: "http://x", concurrency: "65" }, "--concurrency"],
  [{ url: "http://x", "timeout-ms": "x" }, "--timeout-ms"],
  [{ url: "http://x", method: "GET /" }, "--method"],
  [{ url: "http://x", header: ["no colon"] }, "--header"],
  [{ url: "http://x", header: ["a: b\r\nc: d"] }, "--header"],
  [{ url: "http://x", body: true }, "--body"],
  [{ url: "http://x", nonsense: true }, "--nonsense"],
])("flags %o are refused by name", (flags, name) => {
  expect(() => parseRequestFlags(flags)).toThrow(name);
});
