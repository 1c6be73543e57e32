import { describe, expect, test } from "vitest";
import type { Log } from "@/server/log.ts";
import { ClusterError, type ClusterErrorCode } from "./errors.ts";
import { startInformer } from "./informer.ts";
import type { WatchedKind } from "./kinds.ts";

const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined } as unknown as Log;

/** An API that refuses to list. */
const refusing = (code: ClusterErrorCode) => ({
  request: () => Promise.reject(new ClusterError(code, 404, "no")),
  // biome-ignore lint/correctness/useYield: nothing is ever watched
  async *watch(): AsyncGenerator<unknown> {
    throw new ClusterError(code, 404, "no");
  },
});

async function outcome(kind: WatchedKind, code: ClusterErrorCode): Promise<string> {
  const informer = startInformer(refusing(code), kind, () => undefined, quiet);
  const waited = new Promise<string>((resolve) => setImmediate(() => setImmediate(() => resolve("waits"))));
  const seen = await Promise.race([
    informer.synced.then(() => (informer.connected && informer.objects.size === 0 ? "empty" : "half")),
    waited,
  ]);
  informer.close();
  return seen;
}

describe("a kind that the cluster cannot list", () => {
  test.each([
    ["RateLimitPolicy", "not-found", "empty"],
    ["RateLimitPolicy", "not-permitted", "empty"],
    ["GRPCRoute", "not-found", "empty"],
    ["VirtualService", "not-found", "empty"],
    ["RateLimitPolicy", "server-error", "waits"],
    ["RateLimitPolicy", "unreachable", "waits"],
    ["AuthorizationPolicy", "not-found", "waits"],
    ["Pod", "not-permitted", "waits"],
  ] as const)("%s, %s: %s", async (kind, code, seen) => {
    expect(await outcome(kind, code)).toBe(seen);
  });
});
