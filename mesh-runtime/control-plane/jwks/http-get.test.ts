import { generateKeyPairSync } from "node:crypto";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createCertificateAuthority, createRoot } from "../../identity/certificate-authority.ts";
import { createGet, type GetOptions } from "./http-get.ts";

const servers: Server[] = [];
const never = new AbortController().signal;

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Without the guard, since everything here is on this machine. */
const get = (options: Partial<GetOptions> = {}) =>
  createGet({ place: () => ({ kind: "outside" }), forbidden: () => false, ...options });

describe("fetching a document", () => {
  it("gives the body and how long it holds", async () => {
    const url = await serve((_request, response) => {
      response.setHeader("cache-control", "public, max-age=300, must-revalidate");
      response.end('{"keys":[]}');
    });
    expect(await get()(`${url}/jwks`, never)).toEqual({ body: '{"keys":[]}', maxAgeMs: 300_000 });
  });

  it("asks as itself, without credentials", async () => {
    let asked: Readonly<Record<string, unknown>> = {};
    const url = await serve((request, response) => {
      asked = { method: request.method, path: request.url, ...request.headers };
      response.end("{}");
    });
    await get()(`${url}/a?b=c`, never);
    expect(asked).toEqual({
      method: "GET",
      path: "/a?b=c",
      host: url.slice("http://".length),
      accept: "application/json",
      "user-agent": "towpath",
      connection: "close",
    });
  });

  it("follows redirects, also relative ones, three times and no more", async () => {
    const url = await serve((request, response) => {
      const left = Number(request.url?.slice(1));
      response.writeHead(left === 0 ? 200 : 302, left === 0 ? {} : { location: `/${left - 1}` }).end("here");
    });
    expect(await get()(`${url}/3`, never)).toEqual({ body: "here" });
    await expect(get()(`${url}/4`, never)).rejects.toMatchObject({ code: "too-many-redirects" });
  });

  it.each([
    ["another status", 404, {}, "bad-status"],
    ["no content", 204, {}, "bad-status"],
    ["a redirect to another scheme", 302, { location: "file:///etc/passwd" }, "bad-url"],
  ])("fails on %s", async (_what, status, headers, code) => {
    const url = await serve((_request, response) => response.writeHead(status, headers).end());
    await expect(get()(url, never)).rejects.toMatchObject({ code });
  });

  it("stops reading at half a mebibyte", async () => {
    const url = await serve((_request, response) => {
      response.end(Buffer.alloc(512 * 1_024 + 1));
    });
    await expect(get()(url, never)).rejects.toMatchObject({ code: "too-large" });
  });

  it("ends when it is told to, also in the middle of an answer", async () => {
    const stop = new AbortController();
    const url = await serve((request, response) => {
      if (request.url === "/half") {
        response.write("{");
      }
      stop.abort();
    });
    await expect(get()(`${url}/half`, stop.signal)).rejects.toMatchObject({ code: "too-slow" });
  });

  it("says who cannot be reached", async () => {
    const url = await serve(() => {});
    servers[0]?.close();
    await expect(get()(url, never)).rejects.toMatchObject({
      code: "unreachable",
      message: `${url.slice("http://".length)} cannot be reached (ECONNREFUSED)`,
    });
  });

  it.each([
    ["no URL", "here"],
    ["another scheme", "ftp://issuer.example/keys"],
    ["a password in it", "http://me:secret@issuer.example/keys"],
  ])("refuses %s", async (_what, url) => {
    await expect(get()(url, never)).rejects.toMatchObject({ code: "bad-url" });
  });
});

describe("what the control plane does not call", () => {
  it.each([
    ["an address of this machine", (port: string) => `http://127.0.0.1:${port}/`],
    ["the same in one number", (port: string) => `http://2130706433:${port}/`],
    ["the same in IPv6", (port: string) => `http://[::ffff:127.0.0.1]:${port}/`],
    ["a name that leads to this machine", (port: string) => `http://localhost:${port}/`],
    ["the instance's metadata", () => "http://169.254.169.254/latest/meta-data"],
  ])("%s", async (_what, target) => {
    let called = false;
    const url = await serve((_request, response) => {
      called = true;
      response.end("{}");
    });
    const guarded = createGet({ place: () => ({ kind: "outside" }) });
    await expect(guarded(target(new URL(url).port), never)).rejects.toMatchObject({ code: "forbidden-address" });
    expect(called).toBe(false);
  });

  it("an address that a permitted origin redirects to", async () => {
    const secret = await serve((_request, response) => response.end("{}"));
    const url = await serve((_request, response) => response.writeHead(302, { location: secret }).end());
    const onlyFirst = get({ forbidden: (address) => address === "127.0.0.2" });
    await expect(onlyFirst(url.replace("127.0.0.1", "127.0.0.2"), never)).rejects.toMatchObject({
      code: "forbidden-address",
    });
    expect(await onlyFirst(url, never)).toEqual({ body: "{}" });
  });
});

describe("issuers inside of the mesh", () => {
  it("are called at a pod, by the name that was written", async () => {
    let host: string | undefined;
    const url = await serve((request, response) => {
      host = request.headers.host;
      response.end("{}");
    });
    const { port } = new URL(url);
    const pod = { kind: "pod", address: "127.0.0.1", port: Number(port) } as const;
    const inside = createGet({
      place: (name, at) => (name === "issuer.auth" && at === 8080 ? pod : { kind: "outside" }),
    });
    expect(await inside("http://issuer.auth:8080/keys", never)).toEqual({ body: "{}" });
    expect(host).toBe("issuer.auth:8080");
  });

  it("that take no plain text are told apart, with a way out", async () => {
    const url = await serve((request) => request.socket.destroy());
    const { port } = new URL(url);
    const inside = createGet({ place: () => ({ kind: "pod", address: "127.0.0.1", port: Number(port) }) });
    await expect(inside("http://issuer.auth/keys", never)).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringContaining("write the keys inline as jwks"),
    });
  });

  it("that are not there are not sought elsewhere", async () => {
    const inside = createGet({ place: () => ({ kind: "nowhere", problem: "service auth/issuer has no ready pod" }) });
    await expect(inside("http://issuer.auth/keys", never)).rejects.toMatchObject({
      code: "no-such-host",
      message: "service auth/issuer has no ready pod",
    });
  });
});

describe("https", () => {
  const root = createRoot("issuers");
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { chain } = createCertificateAuthority(root).issueServer(
    publicKey,
    { dns: ["issuer.example"], ips: ["127.0.0.1"] },
    60_000,
  );

  async function serveSecurely(listener: RequestListener): Promise<number> {
    const key = privateKey.export({ type: "pkcs8", format: "pem" });
    const server = createSecureServer({ key, cert: chain.join("") }, listener);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  }

  it("is trusted by its name and root", async () => {
    const port = await serveSecurely((_request, response) => response.end("{}"));
    const at = { kind: "pod", address: "127.0.0.1", port } as const;
    const trusting = get({ roots: [root.certificatePem], place: () => at });
    expect(await trusting("https://issuer.example/keys", never)).toEqual({ body: "{}" });
    await expect(trusting("https://other.example/keys", never)).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringContaining("ERR_TLS_CERT_ALTNAME_INVALID"),
    });
    await expect(get({ place: () => at })("https://issuer.example/keys", never)).rejects.toMatchObject({
      code: "unreachable",
    });
  });

  it("is not left for http", async () => {
    const plain = await serve((_request, response) => response.end("{}"));
    const port = await serveSecurely((_request, response) => response.writeHead(302, { location: plain }).end());
    const trusting = get({ roots: [root.certificatePem] });
    await expect(trusting(`https://127.0.0.1:${port}/`, never)).rejects.toMatchObject({
      code: "bad-url",
      message: expect.stringContaining("from https to http"),
    });
  });
});
