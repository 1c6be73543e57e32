import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createGet } from "./http-get.ts";
import { createKeySetFetcher, type KeptKeySet, type KeySetFetcher } from "./key-set-fetcher.ts";

const key = (kid: string) => ({ kty: "OKP", crv: "Ed25519", x: "11qY", kid });
const setOf = (kid: string): string => JSON.stringify({ keys: [key(kid)] });
const minute = 60_000;

/** Time that moves by hand. A test waits until the fetcher plans its next visit, never for time itself. */
function handClock(startMs: number) {
  let now = startMs;
  let timers: { readonly atMs: number; readonly run: () => void }[] = [];
  let planned = 0;
  const waiters: (() => void)[] = [];
  return {
    now: () => now,
    after(ms: number, run: () => void) {
      const timer = { atMs: now + ms, run };
      timers.push(timer);
      // The limit of a fetch that runs is no plan.
      if (ms !== 5_000) {
        planned += 1;
        for (const wake of waiters.splice(0)) {
          wake();
        }
      }
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance(ms: number) {
      now += ms;
      const due = timers.filter(({ atMs }) => atMs <= now);
      timers = timers.filter(({ atMs }) => atMs > now);
      for (const { run } of due) {
        run();
      }
    },
    async visits(count: number) {
      while (planned < count) {
        await new Promise<void>((resolve) => waiters.push(resolve));
      }
    },
    nextInMs: () => Math.min(...timers.map(({ atMs }) => atMs - now)),
  };
}

let clock: ReturnType<typeof handClock>;
let changes: number;
let kept: readonly KeptKeySet[];
let fetcher: KeySetFetcher;
const servers: Server[] = [];
const quiet = { debug() {}, info() {}, warn() {}, error() {}, with: () => quiet };

function start(before: readonly KeptKeySet[] = []): KeySetFetcher {
  fetcher = createKeySetFetcher({
    get: createGet({ place: () => ({ kind: "outside" }), forbidden: () => false }),
    clock,
    random: () => 0.5,
    log: quiet,
    kept: before,
    onChange: () => {
      changes += 1;
    },
    keep: (sets) => {
      kept = sets;
    },
  });
  return fetcher;
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const source = (url: string, discovery = false) => ({ url, discovery, timeoutMs: 5_000 });

beforeEach(() => {
  clock = handClock(1_000_000_000_000);
  changes = 0;
  kept = [];
});

afterEach(async () => {
  fetcher.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

describe("key sets", () => {
  it("are fetched at once, and again after twenty minutes", async () => {
    let kid = "one";
    const url = await serve((_request, response) => response.end(setOf(kid)));
    start().follow([source(url)]);
    await clock.visits(1);
    expect(fetcher.keySets.get(url)).toBe(setOf("one"));
    expect(clock.nextInMs()).toBe(20 * minute);
    kid = "two";
    clock.advance(20 * minute);
    await clock.visits(2);
    expect(fetcher.keySets.get(url)).toBe(setOf("two"));
    expect(changes).toBe(2);
  });

  it("that stay the same are no change", async () => {
    const url = await serve((_request, response) => response.end(setOf("one")));
    start().follow([source(url)]);
    await clock.visits(1);
    clock.advance(20 * minute);
    await clock.visits(2);
    expect(changes).toBe(1);
  });

  it.each([
    ["sooner when the origin says so", "max-age=300", 5 * minute],
    ["not more than once a minute", "max-age=0", minute],
    ["not later than after twenty minutes", "max-age=86400", 20 * minute],
  ])("are fetched again %s", async (_what, control, next) => {
    const url = await serve((_request, response) => response.setHeader("cache-control", control).end(setOf("one")));
    start().follow([source(url)]);
    await clock.visits(1);
    expect(clock.nextInMs()).toBe(next);
  });

  it("stay in force while their source fails, which is asked again soon, and then less often", async () => {
    let status = 200;
    const url = await serve((_request, response) => response.writeHead(status).end(setOf("one")));
    start().follow([source(url)]);
    await clock.visits(1);
    status = 500;
    const waits: number[] = [];
    clock.advance(20 * minute);
    for (let visit = 2; visit < 10; visit += 1) {
      await clock.visits(visit);
      waits.push(clock.nextInMs());
      clock.advance(clock.nextInMs());
    }
    expect(waits).toEqual([750, 1_500, 3_000, 6_000, 12_000, 24_000, 45_000, 45_000]);
    expect(fetcher.keySets.get(url)).toBe(setOf("one"));
    expect(fetcher.keyProblems.get(url)).toMatch(/answered 500$/);
    expect(changes).toBe(2);
    status = 200;
    await clock.visits(10);
    clock.advance(clock.nextInMs());
    await clock.visits(11);
    expect(fetcher.keyProblems.get(url)).toBeUndefined();
    expect(changes).toBe(3);
  });

  it("that nobody confirmed for a week are forgotten", async () => {
    let status = 200;
    const url = await serve((_request, response) => response.writeHead(status).end(setOf("one")));
    start().follow([source(url)]);
    await clock.visits(1);
    status = 503;
    clock.advance(7 * 24 * 60 * minute + 1);
    await clock.visits(2);
    expect(fetcher.keySets.has(url)).toBe(false);
  });

  it("that hold no public key are none", async () => {
    const url = await serve((_request, response) => response.end('{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}'));
    start().follow([source(url)]);
    await clock.visits(1);
    expect(fetcher.keySets.has(url)).toBe(false);
    expect(fetcher.keyProblems.get(url)).toContain("no public key");
    expect(changes).toBe(1);
  });

  it("that take too long are a failure", async () => {
    let asked: () => void = () => {};
    const reached = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const url = await serve(() => asked());
    start().follow([source(url)]);
    await reached;
    clock.advance(5_000);
    await clock.visits(1);
    expect(fetcher.keyProblems.get(url)).toMatch(/did not answer in time$/);
  });

  it("that nobody wants any more are forgotten and not fetched", async () => {
    const url = await serve((_request, response) => response.end(setOf("one")));
    start().follow([source(url)]);
    await clock.visits(1);
    fetcher.follow([]);
    expect(fetcher.keySets.size).toBe(0);
    expect(clock.nextInMs()).toBe(Number.POSITIVE_INFINITY);
    expect(changes).toBe(2);
  });

  it("of an earlier process are in force before the first answer, unless they are a week old", async () => {
    const url = await serve(() => {});
    const set = { url, jwks: setOf("old"), fetchedAtMs: clock.now() - minute };
    const stale = { url: `${url}/stale`, jwks: setOf("stale"), fetchedAtMs: clock.now() - 8 * 24 * 60 * minute };
    const other = { url: `${url}/other`, jwks: setOf("other"), fetchedAtMs: clock.now() };
    start([set, stale, other]);
    expect([...fetcher.keySets]).toEqual([
      [url, setOf("old")],
      [other.url, setOf("other")],
    ]);
    fetcher.follow([source(url), source(stale.url)]);
    expect([...fetcher.keySets]).toEqual([[url, setOf("old")]]);
  });

  it("are kept with the time at which they came", async () => {
    const url = await serve((_request, response) => response.end(setOf("one")));
    start().follow([source(url)]);
    await clock.visits(1);
    expect(kept).toEqual([{ url, jwks: setOf("one"), fetchedAtMs: 1_000_000_000_000 }]);
  });
});

describe("a key that the set lacks", () => {
  it("is looked for at once, and not again for half a minute, however many ask", async () => {
    let kid = "one";
    let fetches = 0;
    const url = await serve((_request, response) => {
      fetches += 1;
      response.end(setOf(kid));
    });
    start().follow([source(url)]);
    await clock.visits(1);
    clock.advance(minute);
    kid = "two";
    fetcher.wanted(url);
    clock.advance(0);
    fetcher.wanted(url);
    await clock.visits(3);
    expect(fetcher.keySets.get(url), "the old key is gone with its set").toBe(setOf("two"));
    expect(fetches).toBe(2);
    kid = "three";
    for (let index = 0; index < 100; index++) {
      fetcher.wanted(url);
    }
    expect(clock.nextInMs()).toBe(minute / 2);
    clock.advance(minute / 2 - 1);
    expect(fetches).toBe(2);
    clock.advance(1);
    await clock.visits(5);
    expect(fetcher.keySets.get(url)).toBe(setOf("three"));
    expect(fetches).toBe(3);
    expect(clock.nextInMs()).toBe(20 * minute);
  });

  it("changes nothing where the origin is in trouble, or nobody follows it", async () => {
    const url = await serve((_request, response) => response.writeHead(500).end());
    start().follow([source(url)]);
    await clock.visits(1);
    const next = clock.nextInMs();
    fetcher.wanted(url);
    fetcher.wanted(`${url}/other`);
    expect(clock.nextInMs()).toBe(next);
  });
});

describe("discovery", () => {
  const path = "/.well-known/openid-configuration";
  const issuer = (document: (origin: string) => unknown): Promise<string> =>
    serve((request, response) => {
      const origin = `http://${request.headers.host}`;
      response.end(request.url === path ? JSON.stringify(document(origin)) : setOf("found"));
    });

  it("finds the keys of an issuer", async () => {
    const url = await issuer((origin) => ({ issuer: `${origin}/`, jwks_uri: `${origin}/keys` }));
    start().follow([source(`${url}${path}`, true)]);
    await clock.visits(1);
    expect(fetcher.keySets.get(`${url}${path}`)).toBe(setOf("found"));
  });

  it.each([
    ["names no keys", (origin: string) => ({ issuer: origin }), "names no jwks_uri"],
    [
      "speaks for somebody else",
      (origin: string) => ({ issuer: "https://other.example", jwks_uri: `${origin}/keys` }),
      "another issuer",
    ],
    ["is no document", () => "text", "names no jwks_uri"],
  ])("does not trust a document that %s", async (_what, document, problem) => {
    const url = await issuer(document);
    start().follow([source(`${url}${path}`, true)]);
    await clock.visits(1);
    expect(fetcher.keySets.size).toBe(0);
    expect(fetcher.keyProblems.get(`${url}${path}`)).toContain(problem);
  });
});
