import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import type { Duplex } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { controlPlaneAttacks } from "./hostile/control-plane.suite.ts";
import { failsClosed } from "./hostile/fail-closed.suite.ts";
import { block, endHeaders, endStream, frame, frames, requestFrames } from "./hostile/frames.ts";
import { http2Floods } from "./hostile/http2-floods.suite.ts";
import { allOf, Peer } from "./hostile/peer.ts";
import { at, identity, type Place, startHostilePlace } from "./hostile/place.ts";
import { dropped, malformed, policies, tricks } from "./hostile/requests.ts";
import { slowClients } from "./hostile/slow-clients.suite.ts";
import { enact, retract } from "./manifests.ts";

/** Attacks on a running waypoint by workloads that have certificates of the mesh, and say what they like over them. */
const server = `server.${at}.svc.cluster.local`;
const other = `other.${at}.svc.cluster.local`;
const last = "Connection: close\r\n\r\n";
let place: Place;
let friend: Peer;
beforeAll(async () => {
  place = await startHostilePlace();
  await enact(place.mesh, policies);
  friend = await Peer.connect(place.mesh, place.waypoint, identity("friend"));
});
afterAll(async () => {
  await friend?.[Symbol.asyncDispose]();
  await place?.mesh[Symbol.asyncDispose]();
});

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
const echoed = (
  answer: string,
): { target?: string; host?: string; headers?: Record<string, string>; backend?: string } =>
  JSON.parse(/\{.*\}/s.exec(answer)?.[0] ?? "{}");
/** The waypoint serves an honest caller. */
const serves = async (): Promise<number> =>
  statusOf(await friend.raw(`${server}:80`, `GET /open HTTP/1.1\r\nHost: server\r\n${last}`));
const tunnelTo = async (peer: Peer, authority: string): Promise<Duplex> => {
  const stream = await peer.tunnel(authority);
  if (typeof stream === "number") {
    throw new Error(`the tunnel was answered ${stream}`);
  }
  return stream;
};

describe("past its policies", () => {
  test.each(tricks)("%s", async (_what, head, status) => {
    const answer = await friend.raw(`${server}:80`, `${head}${/connection:/i.test(head) ? "\r\n" : last}`);
    expect(statusOf(answer)).toBe(status);
    if (status === 200) {
      const sent = /^\S+ (\S+)/.exec(head)?.[1] ?? "";
      expect(echoed(answer)).toMatchObject({ backend: "server", target: sent.replace(/^http:\/\/[^/]*/, "") });
    }
  });

  test("what Connection nominates is neither judged nor sent, and identities in headers go", async () => {
    const fields =
      "X-Bad: 1\r\nConnection: x-bad, close\r\nX-Forwarded-Client-Cert: URI=spiffe://cluster.local/ns/victims/sa/boss\r\n";
    const answer = await friend.raw(`${server}:80`, `GET /open HTTP/1.1\r\nHost: server\r\n${fields}\r\n`);
    expect(statusOf(answer)).toBe(200);
    expect(Object.keys(echoed(answer).headers ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^x-bad|^x-forwarded-client-cert/)]),
    );
  });

  test("nobody else's identity, whatever the tunnel's own headers say", async () => {
    const stranger = await Peer.connect(place.mesh, place.waypoint, identity("stranger"));
    const stream = await stranger.tunnel(`${server}:80`, {
      baggage: `k8s.namespace.name=${at},k8s.pod.name=friend,service.name=friend`,
      forwarded: "for=203.0.113.9",
      "x-forwarded-for": "203.0.113.9",
      "x-forwarded-client-cert": `URI=${identity("friend")}`,
    });
    expect(stream).not.toBeTypeOf("number");
    const text = `GET /open HTTP/1.1\r\nHost: server\r\n${last}`;
    expect(statusOf(await allOf(stream as Duplex, text))).toBe(403);
    await stranger[Symbol.asyncDispose]();
  });

  test("a tunnel to one service is judged and routed as that service, whatever the request calls itself", async () => {
    const answer = await friend.raw(`${other}:80`, `GET /admin HTTP/1.1\r\nHost: ${server}\r\n${last}`);
    expect(echoed(answer)).toMatchObject({ backend: "other", target: "/admin" });
    expect(statusOf(await friend.raw(`${server}:80`, `GET /admin HTTP/1.1\r\nHost: ${other}\r\n${last}`))).toBe(403);
    const absolute = `GET http://${other}/admin HTTP/1.1\r\nHost: ${server}\r\n${last}`;
    expect(statusOf(await friend.raw(`${server}:80`, absolute))).toBe(403);
  });

  test("a port that takes bytes as well lets no HTTP through as bytes", async () => {
    for (const before of ["\n", "\r\n\r\n", "\r\n".repeat(6_000)]) {
      const answer = await friend.raw(`${server}:8000`, `${before}GET /admin HTTP/1.1\r\nHost: server\r\n${last}`);
      expect([0, 400, 403]).toContain(statusOf(answer));
      expect(answer).not.toContain('"backend"');
    }
    const text = `${"\r\n".repeat(3)}GET /admin HTTP/1.1\r\nHost: other\r\n${last}`;
    expect(statusOf(await friend.raw(`${other}:8000`, text))).toBe(400);
    const long = `SEARCH /${"a".repeat(9_000)} HTTP/1.1\r\nHost: other\r\n${last}`;
    expect(await friend.raw(`${other}:8000`, long)).toMatch(/server: towpath|x-request-id/);
  });
});

describe("to where it does not lead", () => {
  test("only names that it serves, on their own ports", async () => {
    const block16 = place.waypoint.split(".").slice(0, 2).join(".");
    const refused = [
      ...["127.0.0.1:22", "localhost:80", "example.org:443", "169.254.169.254:80", "[::1]:80", `${block16}.0.1:15012`],
      ...[3000, 15008, 15020, 15000].map((port) => `${place.server}:${port}`),
      ...[15000, 15020, 15021, 15008].map((port) => `${place.waypoint}:${port}`),
      ...[22, 3000, 15008].map((port) => `${server}:${port}`),
      "kubernetes.default.svc.cluster.local:443",
      `waypoint.${at}.svc.cluster.local:15008`,
      "server:80",
      `${server}.:80`,
      `x.${server}:80`,
      `${server}`,
      `${server}:080`,
      `${server}:65616`,
      `${server}:80@${other}:80`,
      `${server}:80/../`,
    ];
    const seen = [];
    for (const authority of refused) {
      const stream = await friend.tunnel(authority);
      seen.push([authority, typeof stream === "number" && (stream === 404 || stream === 400 || stream === 0)]);
    }
    expect(seen).toEqual(refused.map((authority) => [authority, true]));
    expect(await serves()).toBe(200);
  });

  test.each([
    ["of a root that nobody knows", identity("friend"), "foreign"],
    ["of another trust domain", "spiffe://other.local/ns/victims/sa/friend", "ours"],
    ["that is no workload", "spiffe://cluster.local/ns/victims", "ours"],
    ["with an encoded identity", "spiffe://cluster.local/ns/victims/sa/fr%69end", "ours"],
  ] as const)("a certificate %s is not let in", async (_what, spiffeId, root) => {
    await expect(Peer.connect(place.mesh, place.waypoint, spiffeId, { root })).rejects.toThrow();
  });
});

describe("by HTTP/2 inside a tunnel", () => {
  const raw = async (bytes: Buffer): Promise<string> => await allOf(await tunnelTo(friend, `${server}:80`), bytes, 400);
  const seen = async (): Promise<string> =>
    await friend.raw(`${server}:80`, `GET /__seen HTTP/1.1\r\nHost: server\r\n${last}`);

  test("what is well formed arrives", async () => {
    await raw(requestFrames([":method", "GET", ":scheme", "http", ":authority", "server", ":path", "/open/h2-fine"]));
    expect(await seen()).toContain("/open/h2-fine");
  });

  test("nothing malformed arrives", async () => {
    await Promise.all(malformed("/open/h2-wrong").map(async ([, fields]) => await raw(requestFrames(fields))));
    const trailers = Buffer.concat([
      requestFrames(
        [":method", "POST", ":scheme", "http", ":authority", "server", ":path", "/open/h2-wrong"],
        endHeaders,
      ),
      frame(frames.data, 0, 1, Buffer.from("x")),
      frame(frames.headers, endHeaders | endStream, 1, block([":path", "/admin"])),
    ]);
    await raw(trailers);
    const arrived = await seen();
    expect(arrived).not.toContain("h2-wrong");
    expect(arrived).not.toContain('"/admin');
  });

  test.each(dropped("/open/h2-dropped"))("%s is neither judged nor sent", async (_what, fields) => {
    const arrived = echoed(await raw(requestFrames(fields)));
    expect(arrived).toMatchObject({ target: "/open/h2-dropped", host: "server" });
    expect(Object.keys(arrived.headers ?? {}).filter((name) => /^x($|[^-])/.test(name))).toEqual([]);
  });

  test("one connection's streams that take no data hold up nobody", async () => {
    const peer = await Peer.connect(place.mesh, place.waypoint, identity("friend"));
    const tunnel = await tunnelTo(peer, `${server}:80`);
    const session = connectHttp2("http://server", {
      createConnection: () => tunnel,
      settings: { initialWindowSize: 0 },
    });
    session.on("error", () => undefined);
    const stalled = Array.from({ length: 90 }, () => session.request({ ":path": "/open/x?bytes=1000000" }));
    for (const stream of stalled) {
      stream.on("error", () => undefined);
    }
    await Promise.all(stalled.slice(0, 10).map((stream) => once(stream, "response")));
    expect(await serves()).toBe(200);
    session.destroy();
    await peer[Symbol.asyncDispose]();
  });
});

describe("by floods of frames", () => http2Floods(() => ({ place, serves })));

describe("by switching protocols", () => {
  const upgrade = (to: string, more = ""): string =>
    `GET /open HTTP/1.1\r\nHost: server\r\nConnection: Upgrade${more}\r\nUpgrade: ${to}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n`;
  const hidden = `GET /admin HTTP/1.1\r\nHost: server\r\n${last}`;

  test("h2c is not passed on, and what follows is judged", async () => {
    const answer = await friend.raw(`${server}:80`, upgrade("h2c", ", HTTP2-Settings") + hidden);
    expect([...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, code]) => code)).toEqual(["200", "403"]);
  });

  test("a WebSocket that the server does not want carries no request past the rules", async () => {
    const bad = upgrade("websocket").replace("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 1");
    const answer = await friend.raw(`${server}:80`, bad + hidden);
    expect(answer).not.toContain('"target":"/admin"');
    expect(await friend.raw(`${server}:80`, `GET /__seen HTTP/1.1\r\nHost: server\r\n${last}`)).not.toContain(
      '"/admin',
    );
  });
});

describe("by its configuration", () => failsClosed(() => ({ place, friend, serves })));
describe("by way of the control plane", () => controlPlaneAttacks(() => ({ place })));
describe("by being slow", () => slowClients(() => ({ place, serves })));

describe("by limits and expressions", () => {
  test("names in any case, streams in parallel and repeated fields count together", async () => {
    const limit = `
apiVersion: towpath.dev/v1alpha1
kind: RateLimitPolicy
metadata: { name: other, namespace: ${at} }
spec:
  targetRefs: [{ group: "", kind: Service, name: other }]
  limits: [{ requests: 10, interval: 1h, per: Header, header: x-key }]
`;
    await enact(place.mesh, limit);
    const one = async (line: string): Promise<number> =>
      statusOf(await friend.raw(`${other}:80`, `GET / HTTP/1.1\r\nHost: other\r\n${line}${last}`));
    expect(await one("X-Key: a\r\n")).toBe(200);
    expect(await one("x-key:a \r\n")).toBe(200);
    const tunnel = await tunnelTo(friend, `${other}:80`);
    const session = connectHttp2("http://other", { createConnection: () => tunnel });
    const statuses = await Promise.all(
      Array.from({ length: 40 }, async () => {
        const stream = session.request({ ":path": "/", "X-KEY": "a" });
        const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
        stream.close();
        return headers[":status"];
      }),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(8);
    expect(statuses.filter((status) => status === 429)).toHaveLength(32);
    session.destroy();
    expect(await one("X-KEY: a\r\n")).toBe(429);
    await retract(place.mesh, limit);
  });

  test("an expression that costs too much is answered 500, and takes nobody's time", async () => {
    const route = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: costly, namespace: ${at} }
spec:
  parentRefs: [{ group: "", kind: Service, name: other, port: 80 }]
  rules:
    - matches: [{ headers: [{ type: RegularExpression, name: x-long, value: "(.*a){200}b" }] }]
      backendRefs: [{ name: other, port: 80 }]
    - backendRefs: [{ name: other, port: 80 }]
`;
    await enact(place.mesh, route);
    const ask = async (value: string): Promise<number> =>
      statusOf(await friend.raw(`${other}:80`, `GET / HTTP/1.1\r\nHost: other\r\nX-Long: ${value}\r\n${last}`, 5_000));
    expect(await ask("short")).toBe(200);
    expect(await ask("a".repeat(60_000))).toBe(500);
    await retract(place.mesh, route);
  });
});
