import { spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import process from "node:process";
import { expect, test } from "vitest";
import { root } from "../../supervisor/config.ts";
import { Peer } from "./peer.ts";
import { at, identity, type Place } from "./place.ts";
import { memoryOf, pidOf } from "./proxy-process.ts";
import type { Slowness } from "./slow-clients.ts";

/** MiB that a proxy may come to have; more than twice what an honest load of this size needs. */
const memoryMax = 700;

/** Ten thousand slow clients at the gateway, and one peer with thousands of slow tunnels at a waypoint. */
export function slowClients(now: () => { readonly place: Place; readonly serves: () => Promise<number> }): void {
  test.each([
    ["10,000 that send small heads without an end", "crumbs", 10_000, 9_900],
    ["10,000 that send large heads without an end", "heads", 10_000, 1],
    ["2,000 that send bodies without an end", "bodies", 2_000, 1],
    ["1,000 that read no answer", "answers", 1_000, 1],
  ] as const)("%s: the gateway's memory is bounded, others are served", async (_what, slowness, count, least) => {
    const { place } = now();
    const pid = await pidOf(place.gateway);
    const { held, stop } = await holdSlow(place.gateway, slowness, count);
    // Those that hold more than memory has room for are ended on the way.
    expect(held).toBeGreaterThanOrEqual(least);
    expect(await memoryOf(pid)).toBeLessThan(memoryMax);
    // The pod behind has slow readers too: what the gateway answers by itself shows that it is alive.
    expect(await statusAt(place.gateway, slowness === "answers" ? "nobody.test" : "server.test")).toBe(
      slowness === "answers" ? 404 : 200,
    );
    await stop();
    expect(await statusAt(place.gateway, "server.test")).toBe(200);
    expect(await memoryOf(pid)).toBeLessThan(memoryMax);
  });

  test("3,000 slow tunnels of one peer: the waypoint's memory is bounded, others are served", async () => {
    const { place, serves } = now();
    const pid = await pidOf(place.waypoint);
    const head = Buffer.from(`GET /open HTTP/1.1\r\nHost: server\r\nX: ${"x".repeat(60_000)}`);
    const peers: Peer[] = [];
    let opened = 0;
    for (let index = 0; index < 30; index++) {
      const peer = await Peer.connect(place.mesh, place.waypoint, identity("hog"));
      peers.push(peer);
      const tunnels = Array.from({ length: 100 }, () => peer.tunnel(`server.${at}.svc.cluster.local:80`));
      for (const stream of await Promise.all(tunnels)) {
        if (typeof stream !== "number") {
          opened++;
          stream.write(head);
        }
      }
    }
    expect(opened).toBeGreaterThanOrEqual(2_900);
    expect(await serves()).toBe(200);
    expect(await memoryOf(pid)).toBeLessThan(memoryMax);
    for (const peer of peers) {
      await peer[Symbol.asyncDispose]();
    }
    expect(await serves()).toBe(200);
  });
}

/** Starts the slow clients; resolves when all have connected, with how many are still there and what ends them. */
async function holdSlow(
  host: string,
  slowness: Slowness,
  count: number,
): Promise<{ readonly held: number; readonly stop: () => Promise<void> }> {
  const program = `${root}/scenarios/hostile/slow-clients.ts`;
  const child = spawn(process.execPath, [program, host, "8080", String(count), slowness], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  return {
    held: Number(/held (\d+)/.exec(String(said))?.[1] ?? 0),
    async stop() {
      const ended = once(child, "exit");
      child.stdin.end();
      await ended;
    },
  };
}

function statusAt(host: string, name: string): Promise<number> {
  return new Promise((resolve) => {
    const asked = request({
      host,
      port: 8080,
      path: "/honest",
      headers: { host: name },
      agent: false,
      timeout: 20_000,
    });
    asked.on("response", (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asked.on("timeout", () => asked.destroy());
    asked.on("error", () => resolve(0));
    asked.end();
  });
}
