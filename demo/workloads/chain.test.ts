import { createServer, type IncomingHttpHeaders, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { type ChainOptions, chainHandler } from "./chain.ts";
import { wellBehaved } from "./misbehaviour.ts";
import { type PodIdentity, podIdentity } from "./pod-identity.ts";
import { propagatedHeaders } from "./propagation.ts";
import { serve } from "./server.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const identity = (service: string): PodIdentity =>
  podIdentity(service, "v1", { POD_NAME: `${service}-x`, POD_NAMESPACE: service, NODE_NAME: "node-a" });

async function link(service: string, upstreams: readonly URL[] = [], more: Partial<ChainOptions> = {}): Promise<URL> {
  const handler = chainHandler({ identity: identity(service), upstreams, timeoutMs: 500, ...more });
  const { server, port } = await serve(0, handler);
  servers.push(server);
  return new URL(`http://127.0.0.1:${port}/`);
}

async function answering(status: number, seen: IncomingHttpHeaders[] = []): Promise<URL> {
  const server = createServer((incoming, response) => {
    seen.push(incoming.headers);
    response.writeHead(status).end("RBAC: access denied");
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

const get = async (url: URL, headers: Record<string, string> = {}) => {
  const response = await fetch(url, { headers });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

describe("the chain", () => {
  test("every answer names who gave it, with the next one's own answer inside", async () => {
    const last = await link("purchase-history");
    const middle = await link("recommendation", [last]);
    const { status, body } = await get(await link("web-api", [middle]));
    expect(status).toBe(200);
    expect(body).toMatchObject({
      service: "web-api",
      version: "v1",
      namespace: "web-api",
      pod: "web-api-x",
      node: "node-a",
      status: 200,
      upstreamCalls: [
        {
          uri: middle.href,
          status: 200,
          body: { service: "recommendation", upstreamCalls: [{ status: 200, body: { service: "purchase-history" } }] },
        },
      ],
    });
  });

  test("a refused call is a 502 that says whom it could not reach and what came back", async () => {
    const { status, body } = await get(await link("web-api", [await answering(403)]));
    expect(status).toBe(502);
    expect(body).toMatchObject({
      error: "web-api cannot reach 127: it answered 403",
      upstreamCalls: [{ status: 403, body: "RBAC: access denied" }],
    });
  });

  test.each([
    ["nobody listens", new URL("http://127.0.0.1:1/"), /ECONNREFUSED/],
    ["the name is unknown", new URL("http://nobody.invalid/"), /ENOTFOUND|EAI_AGAIN/],
  ])("without an answer it is a 503: %s", async (_, upstream, error) => {
    const { status, body } = await get(await link("web-api", [upstream]));
    expect(status).toBe(503);
    expect(body["error"]).toMatch(error);
  });

  test("a call that takes too long is a 503 that says so", async () => {
    const silent = createServer(() => undefined);
    servers.push(silent);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const upstream = new URL(`http://127.0.0.1:${(silent.address() as AddressInfo).port}/`);
    const { status, body } = await get(await link("web-api", [upstream]));
    expect(status).toBe(503);
    expect(body["error"]).toContain("no answer within 500 ms");
  });

  test("the failing release fails every second request, exactly", async () => {
    const url = await link("purchase-history", [], { behaviour: { ...wellBehaved, failPercent: 50 } });
    const statuses: number[] = [];
    for (let request = 0; request < 6; request += 1) {
      statuses.push((await get(url)).status);
    }
    expect(statuses).toEqual([200, 500, 200, 500, 200, 500]);
  });

  test("the slow release waits before it answers, and answers well", async () => {
    const behaviour = { ...wellBehaved, slowPercent: 100, slowMs: 60 };
    const url = await link("purchase-history", [], { behaviour });
    const startedMs = performance.now();
    expect((await get(url)).status).toBe(200);
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(58);
  });

  test.each([
    ["arrives at every link of a chain that passes it on", false, ["x-canary"]],
    ["is not seen behind a link that drops it", true, []],
  ])("a header %s", async (_, dropsHeaders, behind) => {
    const last = await link("purchase-history");
    const first = await link("web-api", [last], { dropsHeaders });
    const { body } = await get(first, { "x-canary": "true", "user-agent": "test" });
    expect(body["headers"]).toEqual(["x-canary"]);
    expect(body["upstreamCalls"]).toMatchObject([{ body: { service: "purchase-history", headers: behind } }]);
  });

  test("health does not depend on anybody else, nor count as a request", async () => {
    const behaviour = { ...wellBehaved, failPercent: 100 };
    const url = await link("web-api", [new URL("http://127.0.0.1:1/")], { behaviour });
    expect((await get(new URL("/healthz", url))).status).toBe(200);
  });
});

test("hands trace and routing headers on, and nothing else", async () => {
  const seen: IncomingHttpHeaders[] = [];
  const url = await link("web-api", [await answering(200, seen)]);
  const handed = {
    "x-request-id": "1",
    traceparent: "00-a-b-01",
    "x-b3-traceid": "2",
    "x-canary": "true",
    baggage: "a=b",
  };
  await get(url, { ...handed, authorization: "Bearer secret", cookie: "session=1", "x-other": "no" });
  expect(seen[0]).toMatchObject(handed);
  for (const name of ["authorization", "cookie", "x-other"]) {
    expect(seen[0]).not.toHaveProperty(name);
  }
});

test("joins repeated headers", () => {
  expect(propagatedHeaders({ "x-canary": ["a", "b"] as unknown as string })).toEqual({ "x-canary": "a,b" });
});

test("a body longer than is read is refused, not kept", async () => {
  const { server, port } = await serve(0, async (incoming, response) => {
    const { readBody } = await import("./server.ts");
    response.end(await readBody(incoming));
  });
  servers.push(server);
  const status = await new Promise<number>((resolve, reject) => {
    const call = request({ port, method: "POST" }, (response) => resolve(response.resume().statusCode ?? 0));
    call.on("error", reject);
    call.end(Buffer.alloc((1 << 20) + 1));
  });
  expect(status).toBe(413);
});
