import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ProbeHandler } from "./pod-types.ts";
import { attemptProbe, type ProbeTarget } from "./probe-attempt.ts";

const server = createServer((request, response) => {
  const [, what = "", value = ""] = (request.url ?? "").split("/");
  if (what === "status") {
    response.writeHead(Number(value), { location: "http://127.0.0.1:1/" }).end("body");
  } else if (what === "header") {
    response.writeHead(request.headers["x-probe"] === "yes" && request.headers.host === "inside" ? 200 : 500).end();
  }
  // Anything else gets no answer.
});
let port = 0;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Container port 8080 is the server, 9090 nobody. */
const target = (): ProbeTarget => ({
  ports: [{ name: "http", containerPort: 8080 }],
  address: (containerPort) => ({ host: "127.0.0.1", port: containerPort === 8080 ? port : 1 }),
  exec: async (command) => ({ code: command[0] === "true" ? 0 : 1, output: `ran ${command.join(" ")}\n` }),
});
const get = (path: string, more: object = {}): ProbeHandler => ({ httpGet: { path, port: "http", ...more } });
const inside = [
  { name: "X-Probe", value: "yes" },
  { name: "Host", value: "inside" },
];

test.each<[string, ProbeHandler, boolean, RegExp]>([
  ["http 200 passes", get("/status/200"), true, /^body$/],
  ["http 301 passes and is not followed", get("/status/301"), true, /body/],
  ["http 400 fails", get("/status/400"), false, /statuscode: 400/],
  ["http 503 fails", get("/status/503"), false, /statuscode: 503/],
  ["http with headers of its own", get("/header", { httpHeaders: inside }), true, /^$/],
  ["http by number", { httpGet: { path: "/status/200", port: 8080 } }, true, /body/],
  ["http without an answer in time fails", get("/silence"), false, /deadline exceeded/],
  ["http to a port that nobody listens on fails", get("/", { port: 9090 }), false, /ECONNREFUSED/],
  ["http to a port name that is not there fails", get("/", { port: "nope" }), false, /no port "nope"/],
  ["tcp to a listener passes", { tcpSocket: { port: "http" } }, true, /^$/],
  ["tcp to nobody fails", { tcpSocket: { port: 9090 } }, false, /ECONNREFUSED/],
  ["exec with exit code 0 passes", { exec: { command: ["true"] } }, true, /^ran true$/],
  ["exec with another exit code fails", { exec: { command: ["false", "x"] } }, false, /^ran false x$/],
])("%s", async (_, handler, passed, message) => {
  const result = await attemptProbe(handler, target(), 250);
  expect(result.passed).toBe(passed);
  expect(result.message).toMatch(message);
});
