import fc from "fast-check";
import { expect, test } from "vitest";
import type { L7RateLimit } from "../xds/proxy-config.ts";
import { dividedConfig, isDivisible } from "./divided-config.ts";
import { cluster, listener, proxyConfig } from "./proxy-fixtures.suite.ts";

const rateLimit = (requests: number, burst: number): L7RateLimit => ({
  policy: "a/b",
  limits: [
    {
      name: "",
      requests,
      periodMs: 1_000,
      burst,
      per: "Total",
      header: "",
      matches: [],
      overrides: [{ value: "x", requests: requests * 2, burst }],
    },
  ],
});
const config = (requests: number, burst: number, limit: number) =>
  proxyConfig({
    listeners: [listener(80, { rateLimits: [rateLimit(requests, burst)] }), listener(81)],
    clusters: [
      { ...cluster, limits: { ...cluster.limits, maxRequests: limit, maxConnections: 0, connectTimeoutMs: 7 } },
    ],
  });

test("one thread has the configuration as it is", () => {
  const whole = config(100, 10, 5);
  expect(dividedConfig(whole, 1)).toBe(whole);
});

test("the shares of all threads together are what was asked for, or a little more, never nothing", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 2, max: 16 }), (count, threads) => {
      const share = dividedConfig(config(count, count, count), threads);
      const limit = share.listeners[0]?.rateLimits[0]?.limits[0];
      for (const part of [limit?.requests, limit?.burst, share.clusters[0]?.limits.maxRequests]) {
        expect(part).toBeGreaterThanOrEqual(1);
        expect((part ?? 0) * threads).toBeGreaterThanOrEqual(count);
        expect((part ?? 0) * threads).toBeLessThan(count + threads);
      }
    }),
  );
});

test("times stay, and unlimited stays unlimited", () => {
  const { limits } = dividedConfig(config(100, 1, 5), 2).clusters[0] ?? cluster;
  expect(limits).toMatchObject({ maxConnections: 0, connectTimeoutMs: 7, maxRequests: 3 });
});

test.each([
  [99, false],
  [100, true],
])("a limit of %d requests on two threads: divisible is %s", (requests, divisible) => {
  expect(isDivisible(config(requests, 1, 0), 2)).toBe(divisible);
});
