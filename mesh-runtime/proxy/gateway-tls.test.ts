import { once } from "node:events";
import { connect as connectHttp2, performServerHandshake } from "node:http2";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { afterEach, beforeAll, expect, test } from "vitest";
import { TestAuthority } from "../hbone/test-authority.suite.ts";
import type { L7Certificate, L7Listener } from "../xds/proxy-config.ts";
import { FairQuota } from "./fair-quota.ts";
import { startListenerServer } from "./listener-server.ts";
import { prepareListeners } from "./prepared-listeners.ts";
import { closeOpened, listener, opened, RecordingEngine } from "./proxy-fixtures.suite.ts";
import { prepareCertificates } from "./sni-certificates.ts";

let authority: TestAuthority;
const certificates = new Map<string, L7Certificate>();
const anybody = "spiffe://cluster.local/ns/a/sa/b";

async function issue(key: string, ...hosts: string[]): Promise<L7Certificate> {
  const { chain, key: privateKey } = await authority.issue(anybody, {
    names: hosts.map((value) => ({ type: "dns", value })),
  });
  return { key, chain, privateKey };
}

beforeAll(async () => {
  authority = await TestAuthority.create();
  for (const [key, host] of [
    ["a/shop", "shop.example.com"],
    ["a/wild", "*.example.com"],
    ["a/api", "api.example.com"],
    ["a/any", "fallback.test"],
  ] as const) {
    certificates.set(key, await issue(key, host));
  }
});
afterEach(closeOpened);

const https = (hostname: string, ...keys: string[]): L7Listener =>
  listener(443, { name: `https-${hostname}`, protocol: "HTTPS", hostname, certificates: keys });

async function start(listeners: L7Listener[]) {
  const engine = new RecordingEngine();
  let prepared = prepareListeners(listeners, prepareCertificates([...certificates.values()], new Map()));
  const server = await startListenerServer({
    host: "127.0.0.1",
    port: 0,
    gatewayPort: 443,
    engine,
    sni: () => prepared.get(443)?.sni,
    quota: new FairQuota({ total: 64, appetite: 2 }),
  });
  opened.push({
    close: async () => {
      const stopped = server.stopListening();
      server.destroyConnections();
      await stopped;
    },
  });
  return {
    engine,
    server,
    replace: (next: L7Listener[], with_: readonly L7Certificate[]) => {
      prepared = prepareListeners(next, prepareCertificates(with_, new Map()));
    },
  };
}

async function dial(port: number, options: ConnectionOptions): Promise<TLSSocket> {
  const socket = connect({ host: "127.0.0.1", port, ca: authority.rootPem, ...options });
  opened.push({ close: () => socket.destroy() });
  await once(socket, "secureConnect");
  socket.on("error", () => undefined);
  return socket;
}

/** The server has finished its side too once it answers. */
async function echoed(socket: TLSSocket, text: string): Promise<string> {
  socket.write(text);
  return String((await once(socket, "data"))[0]);
}

const shown = (socket: TLSSocket): string => String(socket.getPeerCertificate().subjectaltname);

test.each([
  ["shop.example.com", "DNS:shop.example.com"],
  ["SHOP.example.com", "DNS:shop.example.com"],
  ["other.example.com", "DNS:*.example.com"],
  ["api.example.com", "DNS:api.example.com"],
])("the name %s gets the certificate of the most specific listener", async (servername, name) => {
  const { server, engine } = await start([
    https("*.example.com", "a/wild", "a/api"),
    https("shop.example.com", "a/shop"),
    https("api.example.com", "a/wild", "a/api"),
  ]);
  const socket = await dial(server.port, { servername });
  // Of several certificates the first that covers the name: for api.example.com that is the wildcard.
  expect(shown(socket)).toBe(servername === "api.example.com" ? "DNS:*.example.com" : name);
  await echoed(socket, "x");
  expect(engine.served[0]).toMatchObject({
    peer: { sni: servername.toLowerCase(), scheme: "https", principal: undefined, sourceIp: "127.0.0.1" },
    target: { key: "listener/443", port: 443 },
    alpn: undefined,
  });
});

test("bytes pass both ways after the handshake", async () => {
  const { server } = await start([https("shop.example.com", "a/shop")]);
  const socket = await dial(server.port, { servername: "shop.example.com" });
  expect(await echoed(socket, "hello")).toBe("hello");
});

test.each([["nobody.test"], [undefined]])(
  "a client that names %s is refused with unrecognized_name",
  async (servername) => {
    const { server, engine } = await start([https("shop.example.com", "a/shop")]);
    await expect(dial(server.port, servername === undefined ? {} : { servername })).rejects.toMatchObject({
      code: expect.stringMatching(/UNRECOGNIZED_NAME/i) as string,
    });
    expect(engine.served).toEqual([]);
  },
);

test("a listener for any name also serves clients that name none", async () => {
  const { server } = await start([https("", "a/any"), https("shop.example.com", "a/shop")]);
  const socket = await dial(server.port, { checkServerIdentity: () => undefined });
  expect(shown(socket)).toBe("DNS:fallback.test");
});

test.each([
  [["h2", "http/1.1"], "h2"],
  [["http/1.1"], "http/1.1"],
])("offers HTTP/2 first: a client with %j gets %s", async (ALPNProtocols, alpn) => {
  const { server, engine } = await start([https("shop.example.com", "a/shop")]);
  await echoed(await dial(server.port, { servername: "shop.example.com", ALPNProtocols }), "x");
  expect(engine.served[0]?.alpn).toBe(alpn);
});

test("HTTP/2 can be served at once on what it hands over", async () => {
  const { server, engine } = await start([https("shop.example.com", "a/shop")]);
  engine.onServe = (stream) => {
    const session = performServerHandshake(stream);
    // Throws as long as the session waits for its socket.
    session.setLocalWindowSize(1 << 20);
    session.on("stream", (request) => {
      request.respond({ ":status": 200 });
      request.end("over TLS");
    });
  };
  const socket = await dial(server.port, { servername: "shop.example.com", ALPNProtocols: ["h2"] });
  const client = connectHttp2("https://shop.example.com", { createConnection: () => socket });
  opened.push({ close: () => client.destroy() });
  const [body] = (await once(client.request({ ":path": "/" }), "data")) as [Buffer];
  expect(body.toString()).toBe("over TLS");
});

test.each([
  ["TLS 1.1", { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" }],
  ["CBC", { maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-SHA256" }],
  ["no forward secrecy", { maxVersion: "TLSv1.2", ciphers: "AES128-GCM-SHA256" }],
] as const)("refuses %s", async (_what, options) => {
  const { server } = await start([https("shop.example.com", "a/shop")]);
  await expect(dial(server.port, { servername: "shop.example.com", ...options })).rejects.toThrow();
});

test("speaks TLS 1.2 with forward secrecy", async () => {
  const { server } = await start([https("shop.example.com", "a/shop")]);
  const socket = await dial(server.port, { servername: "shop.example.com", maxVersion: "TLSv1.2" });
  expect([socket.getProtocol(), socket.getCipher().name]).toEqual(["TLSv1.2", "ECDHE-ECDSA-AES128-GCM-SHA256"]);
});

test("a replaced certificate is shown to new connections; open ones go on", async () => {
  const { server, replace } = await start([https("shop.example.com", "a/shop")]);
  const old = await dial(server.port, { servername: "shop.example.com" });
  replace([https("shop.example.com", "a/shop")], [await issue("a/shop", "shop.example.com", "new.example.com")]);
  const fresh = await dial(server.port, { servername: "shop.example.com" });
  expect(shown(fresh)).toBe("DNS:shop.example.com, DNS:new.example.com");
  expect(await echoed(old, "still here")).toBe("still here");
});

test("plain text at a TLS port gets an alert and the end", async () => {
  const { server, engine } = await start([https("shop.example.com", "a/shop")]);
  const { connect: dialPlain } = await import("node:net");
  const socket = dialPlain({ host: "127.0.0.1", port: server.port });
  socket.write("GET / HTTP/1.1\r\n\r\n");
  const [data] = (await once(socket, "data")) as [Buffer];
  expect([data[0], data[6]]).toEqual([21, 50]);
  await once(socket, "close");
  expect(engine.served).toEqual([]);
});

test("a key that is not the certificate's is refused, and the reason holds no key", async () => {
  const [one, other] = [await issue("a/one", "a.test"), await issue("a/other", "b.test")];
  const broken = { key: "a/one", chain: one.chain, privateKey: other.privateKey };
  expect(() => prepareCertificates([broken], new Map())).toThrow(/^certificate a\/one: chain or key cannot be used \(/);
  expect(() => prepareCertificates([{ ...broken, privateKey: "PRIVATE" }], new Map())).not.toThrow(/PRIVATE/);
});

test("a certificate that did not change keeps its context", () => {
  const all = [...certificates.values()];
  const former = prepareCertificates(all, new Map());
  const next = prepareCertificates(
    all.map((certificate) => ({ ...certificate })),
    former,
  );
  expect(next.get("a/shop")).toBe(former.get("a/shop"));
});

test.each([
  ["HTTP beside HTTPS on a port", [https("a.test", "a/any"), listener(443)]],
  ["a certificate that is not there", [https("a.test", "a/none")]],
])("%s cannot be prepared", (_what, listeners) => {
  expect(() => prepareListeners(listeners, prepareCertificates([...certificates.values()], new Map()))).toThrow();
});
