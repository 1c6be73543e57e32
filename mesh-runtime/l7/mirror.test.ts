import { afterEach, expect, test } from "vitest";
import type { L7Filter } from "../xds/proxy-config.ts";
import {
  call,
  closeOpened,
  cluster,
  exchangeRaw,
  get,
  listener,
  proxyConfig,
  rule,
  startBackend,
  startRig,
  workload,
} from "./engine-rig.suite.ts";

afterEach(closeOpened);

const shadow = cluster({ key: "default/web.default.svc.cluster.local|81|", port: 81 });
const mirror = (fraction = 1): L7Filter => ({ kind: "mirror", cluster: shadow.key, fraction });
const config = (fraction?: number) =>
  proxyConfig({ listeners: [listener([rule({ filters: [mirror(fraction)] })])], clusters: [cluster(), shadow] });

async function rigWithMirror(onMirror: (line: string, body: string) => void, fraction?: number) {
  const main = await startBackend((request, response) => request.pipe(response));
  const copy = await startBackend(async (request, response) => {
    let body = "";
    for await (const chunk of request) {
      body += String(chunk);
    }
    onMirror(`${request.method} ${request.headers.host} ${request.url}`, body);
    response.writeHead(500).end("ignored");
  });
  const services = {
    "default/web.default.svc.cluster.local": [
      { servicePort: 80, targetPort: main.port },
      { servicePort: 81, targetPort: copy.port },
    ],
  };
  return await startRig([workload("a", main.port, { services })], { config: config(fraction) });
}

test("a copy with the same host, path and body, whose answer nobody sees", async () => {
  const copied = Promise.withResolvers<string[]>();
  const rig = await rigWithMirror((line, body) => copied.resolve([line, body]));
  const answer = await call(rig, {
    method: "POST",
    path: "/a?b",
    body: Buffer.from("hello"),
    headers: { host: "web" },
  });
  expect([answer.status, String(answer.body)]).toEqual([200, "hello"]);
  expect(await copied.promise).toEqual(["POST web /a?b", "hello"]);
  expect(rig.outcomes).toHaveLength(1);
});

test("no copy of a body beyond what is kept, nor outside of the share", async () => {
  const lines: string[] = [];
  const first = await rigWithMirror((line) => lines.push(line));
  const large = await call(first, { method: "POST", body: Buffer.alloc(300_000) });
  expect(large.body.length).toBe(300_000);
  const second = await rigWithMirror((line) => lines.push(line), 0);
  expect(await exchangeRaw(second, get("/"))).toMatch(/200 OK/);
  expect(lines).toEqual([]);
});
