import { once } from "node:events";
import { createConnection, createServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { setImmediate as tick } from "node:timers/promises";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { createLog } from "../common/log.ts";
import type { Certificate } from "../identity/certificate-request.ts";
import { parseWorkloadIdentity } from "../identity/spiffe-id.ts";
import { createHbonePool, type HboneLimits, type HbonePool } from "./pool.ts";
import { type HboneServer, type InboundTunnel, parseAuthority, startHboneServer } from "./server.ts";
import { abort, splice } from "./splice.ts";
import { type CertificateWish, TestAuthority, TestCertificates } from "./test-authority.suite.ts";

const log = createLog("test");
const caller = "spiffe://cluster.local/ns/a/sa/caller";
const callee = "spiffe://cluster.local/ns/b/sa/callee";
const hour = 3_600_000;
const expired: CertificateWish = { notBefore: new Date(Date.now() - 2 * hour), notAfter: new Date(Date.now() - hour) };

let authority: TestAuthority;
let foreign: TestAuthority;
const open: { close(): unknown }[] = [];

beforeAll(async () => {
  [authority, foreign] = await Promise.all([TestAuthority.create(), TestAuthority.create("CN=foreign")]);
});
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) {
    await thing.close();
  }
});

interface Pair {
  readonly server: HboneServer;
  readonly pool: HbonePool;
  readonly certificates: TestCertificates;
  readonly refusals: string[];
  readonly tunnels: InboundTunnel[];
  connect(target?: string): ReturnType<HbonePool["connect"]>;
}

async function pair(options: {
  readonly clientSvid?: Certificate;
  readonly serverSvid?: Certificate;
  readonly onTunnel?: (tunnel: InboundTunnel) => void;
  readonly limits?: Partial<HboneLimits>;
  readonly now?: () => number;
  readonly connectionsMax?: number;
}): Promise<Pair> {
  const refusals: string[] = [];
  const tunnels: InboundTunnel[] = [];
  const server = await startHboneServer({
    host: "127.0.0.1",
    port: 0,
    certificate: options.serverSvid ?? (await authority.issue(callee)),
    trustDomain: "cluster.local",
    onTunnel: (tunnel) => {
      tunnels.push(tunnel);
      (options.onTunnel ?? echo)(tunnel);
    },
    onRefused: ({ reason }) => refusals.push(reason),
    ...(options.connectionsMax === undefined ? {} : { connectionsMax: options.connectionsMax }),
  });
  const certificates = new TestCertificates();
  certificates.renew(options.clientSvid ?? (await authority.issue(caller)));
  const pool = createHbonePool({
    certificates,
    trustDomain: "cluster.local",
    log,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.now === undefined ? {} : { now: options.now }),
  });
  open.push(server, pool);
  return {
    server,
    pool,
    certificates,
    refusals,
    tunnels,
    connect: (target = "10.0.0.1:8080") =>
      pool.connect({
        source: parseWorkloadIdentity(caller),
        destination: { address: "127.0.0.1", port: server.port, identity: parseWorkloadIdentity(callee) },
        target,
      }),
  };
}

function echo(tunnel: InboundTunnel): void {
  const stream = tunnel.accept();
  stream.pipe(stream);
}

async function readAll(stream: Duplex): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
}

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "connected",
    (error: { code?: unknown }) => error.code,
  );

test("who connects and says nothing keeps nobody out", async () => {
  const { connect, server } = await pair({ connectionsMax: 2 });
  const silent = await Promise.all(
    Array.from({ length: 600 }, async () => {
      const socket = createConnection({ host: "127.0.0.1", port: server.port });
      socket.on("error", () => undefined);
      await once(socket, "connect");
      return socket;
    }),
  );
  open.push({ close: () => silent.forEach((socket) => void socket.destroy()) });
  const { stream } = await connect();
  stream.end("hello");
  expect(await readAll(stream)).toBe("hello");
});

describe("tunnel", () => {
  test("carries bytes both ways and names both certificates and the suite", async () => {
    const { connect, tunnels } = await pair({});
    const { stream, security } = await connect();
    stream.end("hello");
    expect(await readAll(stream)).toBe("hello");
    expect(security.tlsVersion).toBe("TLSv1.3");
    expect(security.cipher).toMatch(/^TLS_AES_(256_GCM_SHA384|128_GCM_SHA256)$/);
    expect(security.peer.info.spiffeId).toBe(callee);
    expect(security.source.info.spiffeId).toBe(caller);
    expect(tunnels[0]).toMatchObject({ host: "10.0.0.1", port: 8080 });
    expect(tunnels[0]!.connection.principal).toBe("cluster.local/ns/a/sa/caller");
  });

  test("keeps the other direction open when the client ends first", async () => {
    const { connect } = await pair({
      onTunnel: (tunnel) => {
        const stream = tunnel.accept();
        stream.resume();
        stream.on("end", () => stream.end("after your end"));
      },
    });
    const { stream } = await connect();
    stream.end("x");
    expect(await readAll(stream)).toBe("after your end");
  });

  test("keeps the other direction open when the server ends first", async () => {
    const received = Promise.withResolvers<string>();
    const { connect } = await pair({
      onTunnel: (tunnel) => {
        const stream = tunnel.accept();
        stream.end("bye");
        readAll(stream).then(received.resolve, received.reject);
      },
    });
    const { stream } = await connect();
    stream.resume();
    await once(stream, "end");
    stream.write("still ");
    await tick();
    stream.end("here");
    expect(await received.promise).toBe("still here");
  });

  test("a reset by the server is no clean end", async () => {
    const { connect } = await pair({
      onTunnel: (tunnel) => {
        const stream = tunnel.accept();
        stream.write("half an answ");
        stream.once("data", () => abort(stream));
      },
    });
    const { stream } = await connect();
    let ended = false;
    stream.on("end", () => {
      ended = true;
    });
    stream.on("data", () => stream.write("x"));
    await expect(once(stream, "close")).rejects.toMatchObject({ code: "ERR_HTTP2_STREAM_ERROR" });
    expect(ended).toBe(false);
  });

  test("a lost connection is no clean end", async () => {
    const { connect, server } = await pair({});
    const { stream } = await connect();
    let ended = false;
    stream.on("end", () => {
      ended = true;
    });
    stream.once("data", () => server.disconnect(() => true));
    stream.write("x");
    await once(stream, "close");
    expect(ended).toBe(false);
  });

  test.each([
    { answer: 401, code: "denied" },
    { answer: 403, code: "denied" },
    { answer: 503, code: "unreachable" },
    { answer: 504, code: "unreachable" },
    { answer: 400, code: "refused" },
  ])("an answer of $answer to CONNECT is the error $code", async ({ answer, code }) => {
    const { connect } = await pair({ onTunnel: (tunnel) => tunnel.refuse(answer) });
    await expect(connect()).rejects.toMatchObject({ code, status: answer });
  });

  test("large bodies pass both ways", async () => {
    const { connect } = await pair({});
    const { stream } = await connect();
    const chunk = Buffer.alloc(256 << 10, 7);
    const total = 200;
    let received = 0;
    stream.on("data", (data: Buffer) => {
      received += data.length;
    });
    for (let sent = 0; sent < total; sent += 1) {
      if (!stream.write(chunk)) {
        await once(stream, "drain");
      }
    }
    stream.end();
    await once(stream, "end");
    expect(received).toBe(total * chunk.length);
  });

  test("a reader that stalls stops the writer, and its neighbour on the connection goes on", async () => {
    const { connect, pool } = await pair({
      onTunnel: (tunnel) => {
        const stream = tunnel.accept();
        if (tunnel.port === 9999) {
          stream.pause();
        } else {
          stream.pipe(stream);
        }
      },
    });
    const stalled = await connect("10.0.0.1:9999");
    const chunk = Buffer.alloc(64 << 10);
    let written = 0;
    while (stalled.stream.write(chunk) && written < 64 << 20) {
      written += chunk.length;
    }
    expect(written).toBeLessThan(8 << 20);
    const { stream } = await connect();
    stream.end("through");
    expect(await readAll(stream)).toBe("through");
    expect(pool.connections()).toHaveLength(1);
    stalled.stream.destroy();
  });
});

describe("who may speak", () => {
  test.each<{ name: string; client: () => Promise<Certificate>; refusal: string }>([
    { name: "an expired certificate", client: () => authority.issue(caller, expired), refusal: "certificate-expired" },
    {
      name: "another root's certificate",
      client: async () => ({ ...(await foreign.issue(caller)), roots: [authority.rootPem] }),
      refusal: "certificate-untrusted",
    },
    {
      name: "two URI names",
      client: () =>
        authority.issue(caller, {
          names: [
            { type: "url", value: caller },
            { type: "url", value: callee },
          ],
        }),
      refusal: "certificate-invalid",
    },
    {
      name: "a DNS name only",
      client: () => authority.issue(caller, { names: [{ type: "dns", value: "a.example" }] }),
      refusal: "certificate-invalid",
    },
    {
      name: "another trust domain",
      client: () => authority.issue(caller, { names: [{ type: "url", value: "spiffe://evil/ns/a/sa/caller" }] }),
      refusal: "certificate-untrusted",
    },
  ])("the server refuses $name and says why", async ({ client, refusal }) => {
    const svid = await client();
    const { connect, refusals, tunnels } = await pair({
      clientSvid: { ...svid, info: { ...svid.info, notAfterUnixMs: Date.now() + hour } },
    });
    // In TLS 1.3 a client learns after its own handshake that it was refused: by an alert or by a closed connection.
    expect(["reset", "tls-untrusted"]).toContain(await codeOf(connect()));
    expect(refusals[0]).toBe(refusal);
    expect(tunnels).toHaveLength(0);
  });

  test.each<{ name: string; server: () => Promise<Certificate>; code: string }>([
    { name: "an expired certificate", server: () => authority.issue(callee, expired), code: "tls-expired" },
    {
      name: "another root's certificate",
      server: async () => ({ ...(await foreign.issue(callee)), roots: [authority.rootPem] }),
      code: "tls-untrusted",
    },
    {
      name: "another identity",
      server: () => authority.issue("spiffe://cluster.local/ns/b/sa/other"),
      code: "identity-mismatch",
    },
    {
      name: "another trust domain",
      server: () => authority.issue(callee, { names: [{ type: "url", value: "spiffe://evil/ns/b/sa/callee" }] }),
      code: "tls-untrusted",
    },
  ])("the client refuses a server with $name", async ({ server, code }) => {
    const { connect, tunnels } = await pair({ serverSvid: await server() });
    expect(await codeOf(connect())).toBe(code);
    expect(tunnels).toHaveLength(0);
  });

  test("does not dial when its own certificate has expired", async () => {
    const { connect } = await pair({ clientSvid: await authority.issue(caller, expired) });
    expect(await codeOf(connect())).toBe("no-certificate");
  });

  test("nothing listens: connect-refused", async () => {
    const blocker = createServer().listen(0, "127.0.0.1");
    await once(blocker, "listening");
    const { port } = blocker.address() as { port: number };
    blocker.close();
    const { pool } = await pair({});
    const attempt = pool.connect({
      source: parseWorkloadIdentity(caller),
      destination: { address: "127.0.0.1", port, identity: parseWorkloadIdentity(callee) },
      target: "10.0.0.1:80",
    });
    expect(await codeOf(attempt)).toBe("connect-refused");
  });

  test("a peer that never answers TLS: connect-timeout", async () => {
    const silent = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(silent, "listening");
    open.push(silent);
    const { port } = silent.address() as { port: number };
    const { pool } = await pair({ limits: { dialTimeoutMs: 50 } });
    const attempt = pool.connect({
      source: parseWorkloadIdentity(caller),
      destination: { address: "127.0.0.1", port, identity: parseWorkloadIdentity(callee) },
      target: "10.0.0.1:80",
    });
    expect(await codeOf(attempt)).toBe("connect-timeout");
  });
});

describe("pool", () => {
  test("shares one connection, and opens another beyond the limit of streams", async () => {
    const { connect, pool } = await pair({ limits: { streamsMax: 2 } });
    const tunnels = await Promise.all([connect(), connect(), connect()]);
    expect(pool.connections()).toHaveLength(2);
    expect(
      pool
        .connections()
        .map(({ streams }) => streams)
        .sort(),
    ).toEqual([1, 2]);
    for (const { stream } of tunnels) {
      stream.destroy();
    }
  });

  test("dials again with the new certificate after a renewal, and lets open streams finish", async () => {
    const { connect, certificates, tunnels } = await pair({});
    const before = await connect();
    certificates.renew(await authority.issue(caller));
    const after = await connect();
    expect(after.security.source.info.serial).not.toBe(before.security.source.info.serial);
    before.stream.end("old stream");
    expect(await readAll(before.stream)).toBe("old stream");
    expect(tunnels).toHaveLength(2);
    after.stream.destroy();
  });

  test("a server that swaps its certificate keeps its connections and shows the new one to the next", async () => {
    const { connect, server, pool } = await pair({});
    const first = await connect();
    const renewed = await authority.issue(callee);
    server.replaceCertificate(renewed);
    first.stream.write("x");
    await once(first.stream, "data");
    pool.forget("127.0.0.1");
    const second = await connect();
    expect(second.security.peer.info.serial).toBe(renewed.info.serial);
    first.stream.destroy();
    second.stream.destroy();
  });

  test("a pooled connection that died is replaced without a failure", async () => {
    const { connect, server, pool } = await pair({});
    const { stream } = await connect();
    stream.end();
    stream.resume();
    await once(stream, "close");
    server.disconnect(() => true);
    const again = await connect();
    again.stream.end("again");
    expect(await readAll(again.stream)).toBe("again");
    expect(pool.connections()).toHaveLength(1);
  });

  test("an idle connection is closed", async () => {
    const { connect, pool, server } = await pair({ limits: { idleMs: 1 } });
    const { stream } = await connect();
    stream.end();
    stream.resume();
    await once(stream, "close");
    await expect.poll(() => pool.connections().length + server.openConnections).toBe(0);
  });

  test("no new stream on a connection whose peer certificate has run out", async () => {
    let skew = 0;
    const { connect, pool } = await pair({
      now: () => Date.now() + skew,
      clientSvid: await authority.issue(caller, { notAfter: new Date(Date.now() + 10 * hour) }),
    });
    const first = await connect();
    skew = 2 * hour;
    const second = await connect();
    expect(pool.connections().length).toBe(2);
    first.stream.destroy();
    second.stream.destroy();
  });
});

describe("splice", () => {
  test.each<{ name: string; end: (socket: Socket) => void; clean: boolean }>([
    { name: "a reset application resets the stream", end: (socket) => socket.resetAndDestroy(), clean: false },
    { name: "an application that ends ends the stream", end: (socket) => socket.end(), clean: true },
  ])("$name", async ({ end, clean }) => {
    const application = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => end(socket));
    }).listen(0, "127.0.0.1");
    await once(application, "listening");
    open.push(application);
    const { port } = application.address() as { port: number };
    const result = Promise.withResolvers<boolean>();
    const { connect } = await pair({
      onTunnel: (tunnel) => {
        const socket = createConnection({ host: "127.0.0.1", port, allowHalfOpen: true });
        socket.once("connect", () => splice(tunnel.accept(), socket, { onClosed: result.resolve }));
      },
    });
    const { stream } = await connect();
    let ended = false;
    stream.on("end", () => {
      ended = true;
      stream.end();
    });
    stream.on("error", () => undefined);
    stream.resume();
    stream.write("x");
    expect(await result.promise).toBe(clean);
    if (!stream.closed) {
      await once(stream, "close").catch(() => undefined);
    }
    expect(ended).toBe(clean);
  });
});

test.each([
  ["10.0.0.1:8080", { host: "10.0.0.1", port: 8080 }],
  ["[fd00::1]:80", { host: "fd00::1", port: 80 }],
  ["web.shop.svc.cluster.local:80", { host: "web.shop.svc.cluster.local", port: 80 }],
  ["10.0.0.1", undefined],
  ["10.0.0.1:0", undefined],
  ["10.0.0.1:65536", undefined],
  ["user@10.0.0.1:80", undefined],
  ["10.0.0.1:80/x", undefined],
  ["", undefined],
])("the authority %s is read as %o", (authority, expected) => {
  expect(parseAuthority(authority)).toEqual(expected);
});
