import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import type { HttpAuthorization } from "../policy/http-model.ts";
import type { L7Authorizer } from "../xds/proxy-config.ts";
import {
  call,
  closeOpened,
  cluster,
  dialRig,
  exchangeRaw,
  get,
  listener,
  proxyConfig,
  readAll,
  rule,
  serviceKey,
  startBackend,
  startRig,
  workload,
} from "./engine-rig.suite.ts";
import { answerOf, http2Client } from "./http2-rig.suite.ts";

afterEach(closeOpened);

/** Requests that an external authorizer decides about, body and all: what it saw is sent on afterwards. */
const custom: HttpAuthorization = {
  name: "ext",
  namespace: "default",
  action: "CUSTOM",
  dryRun: false,
  provider: "authz",
  rules: [{ from: [], to: [], when: [] }],
};
const authz = cluster({ key: `${serviceKey}|81|`, port: 81, protocol: "HTTP" });
const authorizer: L7Authorizer = {
  name: "authz",
  kind: "http",
  cluster: authz.key,
  authority: "authz",
  timeoutMs: 1_000,
  failOpen: false,
  statusOnError: 503,
  pathPrefix: "",
  includeRequestHeaders: ["x-user"],
  includeAdditionalHeaders: [],
  headersToUpstreamOnAllow: ["x-role"],
  headersToDownstreamOnAllow: [],
  headersToDownstreamOnDeny: ["x-why"],
  maxRequestBytes: 10,
  allowPartialMessage: true,
};

async function rig(more: Partial<L7Authorizer> = {}) {
  const checks: string[] = [];
  const main = await startBackend((request, response) => {
    response.setHeader("x-role", String(request.headers["x-role"]));
    request.pipe(response);
  });
  const decider = await startBackend(async (request, response) => {
    let body = "";
    for await (const chunk of request) {
      body += String(chunk);
    }
    checks.push(body);
    const allowed = request.headers["x-user"] === "me";
    response.writeHead(allowed ? 200 : 403, { "x-role": "staff", "x-why": "stranger" }).end(allowed ? "" : "go away");
  });
  const services = {
    [serviceKey]: [
      { servicePort: 80, targetPort: main.port },
      { servicePort: 81, targetPort: decider.port },
    ],
  };
  return {
    checks,
    rig: await startRig([workload("a", main.port, { services })], {
      config: proxyConfig({
        listeners: [listener([rule()], { authorizations: [custom] })],
        clusters: [cluster({ protocol: "HTTP" }), authz],
        authorizers: [{ ...authorizer, ...more }],
      }),
    }),
  };
}

test("allowed: the whole body arrives, the authorizer saw its beginning", async () => {
  const { rig: proxy, checks } = await rig();
  const body = Buffer.alloc(1_000_000, "0123456789");
  const answer = await call(proxy, { method: "POST", body, headers: { "x-user": "me" } });
  expect([answer.status, answer.body.equals(body), answer.headers["x-role"]]).toEqual([200, true, "staff"]);
  expect(checks).toEqual(["0123456789"]);
  const short = await call(proxy, { method: "POST", body: Buffer.from("abc"), headers: { "x-user": "me" } });
  expect([String(short.body), checks[1]]).toEqual(["abc", "abc"]);
});

test("refused: with the authorizer's words, and nothing is sent on", async () => {
  const { rig: proxy } = await rig();
  const answer = await exchangeRaw(proxy, get("/"));
  expect(answer).toMatch(/^HTTP\/1\.1 403 [\s\S]*x-why: stranger[\s\S]*go away$/);
  expect(proxy.outcomes).toMatchObject([{ status: 403, flag: "UAEX", attempts: 0 }]);
});

test("pipelined requests are judged one by one", async () => {
  const { rig: proxy } = await rig();
  const post = (user: string, body: string): string =>
    `POST / HTTP/1.1\r\nHost: a\r\nX-User: ${user}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const answers = await exchangeRaw(proxy, post("me", "one") + post("you", "two") + post("me", "three") + get("/"));
  expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 403", "HTTP/1.1 200", "HTTP/1.1 403"]);
});

test("a client that waits for 100 gets it, once, when the body is needed for the decision", async () => {
  const { rig: proxy, checks } = await rig();
  const socket = await dialRig(proxy);
  socket.write(
    "POST / HTTP/1.1\r\nHost: a\r\nX-User: me\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
  );
  const [interim] = (await once(socket, "data")) as [Buffer];
  expect(String(interim)).toBe("HTTP/1.1 100 Continue\r\n\r\n");
  socket.write("hello");
  const answer = await readAll(socket);
  expect(answer).toMatch(/^HTTP\/1\.1 200 [\s\S]*hello/);
  expect(checks).toEqual(["hello"]);
});

test("over HTTP/2 too", async () => {
  const { rig: proxy, checks } = await rig();
  const stream = http2Client(proxy).request({ ":method": "POST", ":path": "/", ":authority": "a", "x-user": "me" });
  const answer = answerOf(stream);
  stream.write("01234");
  stream.write("56789abc");
  stream.end("def");
  expect((await answer).body).toBe("0123456789abcdef");
  expect(checks[0]).toBe("0123456789");
});

test("nobody who decides: refused", async () => {
  const { rig: proxy } = await rig({ cluster: "" });
  expect(await exchangeRaw(proxy, get("/", "X-User: me\r\nConnection: close\r\n"))).toMatch(/^HTTP\/1\.1 (403|503) /);
  expect(proxy.outcomes[0]?.attempts).toBe(0);
});

test("a client that leaves while the authorizer thinks costs no request", async () => {
  const asked = Promise.withResolvers<void>();
  const main = await startBackend((_request, response) => response.end("no"));
  const decider = await startBackend(() => asked.resolve());
  const services = {
    [serviceKey]: [
      { servicePort: 80, targetPort: main.port },
      { servicePort: 81, targetPort: decider.port },
    ],
  };
  const proxy = await startRig([workload("a", main.port, { services })], {
    config: proxyConfig({
      listeners: [listener([rule()], { authorizations: [custom] })],
      clusters: [cluster({ protocol: "HTTP" }), authz],
      authorizers: [{ ...authorizer, maxRequestBytes: 0, timeoutMs: 200 }],
    }),
  });
  const stream = http2Client(proxy).request({ ":path": "/", ":authority": "a" });
  stream.on("error", () => undefined);
  await asked.promise;
  const outcome = proxy.nextOutcome();
  stream.close(8);
  expect(await outcome).toMatchObject({ flag: "DC", plan: undefined, status: 0 });
});
