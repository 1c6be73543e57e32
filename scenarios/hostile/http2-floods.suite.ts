import { once } from "node:events";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { expect, test } from "vitest";
import { block, endHeaders, frame, frames, preface } from "./frames.ts";
import { Peer } from "./peer.ts";
import { at, identity, type Place } from "./place.ts";
import { memoryOf, pidOf } from "./proxy-process.ts";

const request = [":method", "GET", ":scheme", "https", ":authority", "server.test", ":path", "/open"];
const large = block(Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? `x-${index}` : "a".repeat(1_000))));

/** A head of this size in a few bytes: one entry of the table, named again and again (an HPACK bomb). */
function bomb(): Buffer {
  const value = "a".repeat(3_900);
  const entry = Buffer.concat([Buffer.from([0x40]), block(["x-b", value]).subarray(1)]);
  return Buffer.concat([block(request), entry, Buffer.alloc(12_000, 0x80 | 62)]);
}

const floods: readonly (readonly [string, (index: number) => Buffer])[] = [
  [
    "streams that are opened and reset (CVE-2023-44487)",
    (index) =>
      Buffer.concat([
        frame(frames.headers, endHeaders, 2 * index + 1, block(request)),
        frame(frames.reset, 0, 2 * index + 1, Buffer.from([0, 0, 0, 8])),
      ]),
  ],
  ["PING", () => frame(frames.ping, 0, 0, Buffer.alloc(8))],
  ["SETTINGS", () => frame(frames.settings, 0, 0)],
  [
    "CONTINUATION without an end (CVE-2024-27316)",
    (index) => frame(index === 0 ? frames.headers : frames.continuation, 0, 1, index === 0 ? block(request) : large),
  ],
  [
    "empty DATA",
    (index) => (index === 0 ? frame(frames.headers, endHeaders, 1, block(request)) : frame(frames.data, 0, 1)),
  ],
];

/** Floods of frames, inside a tunnel to a waypoint and at a gateway's TLS port. */
export function http2Floods(now: () => { readonly place: Place; readonly serves: () => Promise<number> }): void {
  const inTunnel = async (): Promise<Duplex> => {
    const peer = await Peer.connect(now().place.mesh, now().place.waypoint, identity("flooder"));
    const stream = (await peer.tunnel(`server.${at}.svc.cluster.local:80`)) as Duplex;
    stream.once("close", () => void peer[Symbol.asyncDispose]());
    return stream;
  };
  const atEdge = async (): Promise<Duplex> => {
    const tls = { host: now().place.gateway, port: 8443, servername: "server.test", ALPNProtocols: ["h2"] };
    const socket = connectTls({ ...tls, rejectUnauthorized: false });
    await once(socket, "secureConnect");
    return socket;
  };
  test.each(
    floods.flatMap(([what, make]) => [
      [what, "a tunnel", inTunnel, make] as const,
      [what, "the gateway's connection", atEdge, make] as const,
    ]),
  )("a flood of %s ends %s; others are served", async (_what, _where, open, make) => {
    const stream = await open();
    stream.on("error", () => undefined);
    const closed = new Promise((resolve) => stream.once("close", resolve));
    stream.resume();
    stream.write(Buffer.concat([preface, frame(frames.settings, 0, 0)]));
    for (let index = 0; index < 3_000 && !stream.destroyed; index++) {
      stream.write(make(index));
      if (index % 50 === 0) {
        await new Promise(setImmediate);
      }
    }
    // The proxy ends it, not we.
    await closed;
    expect(await now().serves()).toBe(200);
  });

  test.each([
    ["a tunnel", inTunnel],
    ["the gateway's connection", atEdge],
  ] as const)(
    "heads that unpack to megabytes in %s cost neither memory nor the others' answers",
    async (_where, open) => {
      const stream = await open();
      stream.on("error", () => undefined);
      stream.resume();
      stream.write(Buffer.concat([preface, frame(frames.settings, 0, 0)]));
      for (let index = 0; index < 200 && !stream.destroyed; index++) {
        stream.write(frame(frames.headers, endHeaders, 2 * index + 1, bomb()));
      }
      expect(await now().serves()).toBe(200);
      const { waypoint, gateway } = now().place;
      for (const host of [waypoint, gateway]) {
        expect(await memoryOf(await pidOf(host))).toBeLessThan(300);
      }
      stream.destroy();
    },
  );
}
