import { describe, expect, test } from "vitest";
import type { L7RetryOn } from "../../xds/proxy-config.ts";
import { backoffMs, routeDefaultRetry, serviceDefaultRetry, wantsRetry } from "./retry-policy.ts";
import { retryOn } from "./upstream-rig.suite.ts";
import type { TryResult } from "./upstreams.ts";

const conditions: readonly L7RetryOn[] = [
  "connect-failure",
  "refused-stream",
  "reset",
  "reset-before-request",
  "5xx",
  "gateway-error",
  "retriable-4xx",
  "retriable-status-codes",
  "cancelled",
  "deadline-exceeded",
  "internal",
  "resource-exhausted",
  "unavailable",
];
const codes = [418, 503];
const wants = (result: TryResult, on: readonly L7RetryOn[], method: string, unsafeMethods = false) =>
  wantsRetry(result, { method, retry: { ...retryOn(...on), statusCodes: codes, unsafeMethods } });

/** Result, and every condition that retries it: of a GET, and of a POST without leave to repeat. */
const table: readonly [string, TryResult, readonly L7RetryOn[], readonly L7RetryOn[]][] = [
  ["200", { kind: "response", status: 200 }, [], []],
  ["404", { kind: "response", status: 404 }, [], []],
  ["409", { kind: "response", status: 409 }, ["retriable-4xx"], []],
  ["418, listed", { kind: "response", status: 418 }, ["retriable-status-codes"], []],
  ["429", { kind: "response", status: 429 }, [], []],
  ["500", { kind: "response", status: 500 }, ["5xx"], []],
  ["501", { kind: "response", status: 501 }, ["5xx"], []],
  ["502", { kind: "response", status: 502 }, ["5xx", "gateway-error"], []],
  ["503, listed", { kind: "response", status: 503 }, ["5xx", "gateway-error", "retriable-status-codes"], []],
  ["504", { kind: "response", status: 504 }, ["5xx", "gateway-error"], []],
  ["505", { kind: "response", status: 505 }, ["5xx"], []],
  ["599", { kind: "response", status: 599 }, ["5xx"], []],
  ["600", { kind: "response", status: 600 }, [], []],
  ["gRPC OK", { kind: "response", status: 200, grpcStatus: 0 }, [], []],
  ["gRPC CANCELLED", { kind: "response", status: 200, grpcStatus: 1 }, ["cancelled"], ["cancelled"]],
  ["gRPC UNKNOWN", { kind: "response", status: 200, grpcStatus: 2 }, [], []],
  ["gRPC DEADLINE", { kind: "response", status: 200, grpcStatus: 4 }, ["deadline-exceeded"], ["deadline-exceeded"]],
  ["gRPC DENIED", { kind: "response", status: 200, grpcStatus: 7 }, [], []],
  ["gRPC EXHAUSTED", { kind: "response", status: 200, grpcStatus: 8 }, ["resource-exhausted"], ["resource-exhausted"]],
  ["gRPC INTERNAL", { kind: "response", status: 200, grpcStatus: 13 }, ["internal"], ["internal"]],
  ["gRPC UNAVAILABLE", { kind: "response", status: 200, grpcStatus: 14 }, ["unavailable"], ["unavailable"]],
  [
    "no connection",
    { kind: "connect-failure" },
    ["connect-failure", "reset", "reset-before-request", "5xx", "gateway-error"],
    ["connect-failure", "reset", "reset-before-request", "5xx", "gateway-error"],
  ],
  [
    "a reset before the request was sent",
    { kind: "reset-before-request" },
    ["reset", "reset-before-request", "5xx", "gateway-error"],
    ["reset", "reset-before-request", "5xx", "gateway-error"],
  ],
  [
    "a kept connection that closed",
    { kind: "refused-stream" },
    ["refused-stream", "reset", "reset-before-request", "5xx", "gateway-error"],
    [],
  ],
  [
    "a stream that was refused unprocessed",
    { kind: "refused-stream", unprocessed: true },
    ["refused-stream", "reset", "reset-before-request", "5xx", "gateway-error"],
    ["refused-stream", "reset", "reset-before-request", "5xx", "gateway-error"],
  ],
  ["a reset after the request was sent", { kind: "reset" }, ["reset", "5xx", "gateway-error"], []],
  ["a try that took too long", { kind: "per-try-timeout" }, ["reset", "5xx", "gateway-error"], []],
  ["a refusal by policy", { kind: "denied" }, [], []],
  ["a full pool", { kind: "overflow" }, [], []],
];

describe.each(table)("%s", (_name, result, idempotent, unsafe) => {
  test("is retried under exactly the conditions that Envoy retries it under", () => {
    expect(conditions.filter((condition) => wants(result, [condition], "GET"))).toEqual(
      conditions.filter((condition) => idempotent.includes(condition)),
    );
  });

  test("is retried for a POST only if nothing can have happened", () => {
    expect(conditions.filter((condition) => wants(result, [condition], "POST"))).toEqual(
      conditions.filter((condition) => unsafe.includes(condition)),
    );
  });

  test("is retried for a POST like for a GET where the policy allows every method, but for a broken kept connection", () => {
    const stale = result.kind === "refused-stream" && result.unprocessed !== true;
    expect(conditions.filter((condition) => wants(result, [condition], "POST", true))).toEqual(
      conditions.filter((condition) => (stale ? unsafe : idempotent).includes(condition)),
    );
  });

  test("is not retried without conditions", () => {
    expect(wants(result, [], "GET", true)).toBe(false);
  });
});

test.each([
  ["GET", true],
  ["HEAD", true],
  ["OPTIONS", true],
  ["TRACE", true],
  ["PUT", true],
  ["DELETE", true],
  ["POST", false],
  ["PATCH", false],
  ["CONNECT", false],
  ["get", false],
  ["PURGE", false],
])("%s may be repeated: %s", (method, expected) => {
  expect(wants({ kind: "reset" }, ["reset"], method)).toBe(expected);
});

test("a status that is not listed is no reason for retriable-status-codes", () => {
  expect(wants({ kind: "response", status: 500 }, ["retriable-status-codes"], "GET")).toBe(false);
});

describe("the defaults are Istio's", () => {
  const get = { method: "GET" };
  test("no route: only what was not sent, twice", () => {
    expect(serviceDefaultRetry.attempts).toBe(2);
    expect(wantsRetry({ kind: "response", status: 503 }, { ...get, retry: serviceDefaultRetry })).toBe(false);
    expect(wantsRetry({ kind: "reset" }, { ...get, retry: serviceDefaultRetry })).toBe(false);
    expect(wantsRetry({ kind: "reset-before-request" }, { ...get, retry: serviceDefaultRetry })).toBe(true);
    expect(wantsRetry({ kind: "connect-failure" }, { ...get, retry: serviceDefaultRetry })).toBe(true);
  });
  test("a route: connections and gRPC's own statuses, no status codes, twice", () => {
    expect(routeDefaultRetry.attempts).toBe(2);
    expect(wantsRetry({ kind: "response", status: 503 }, { ...get, retry: routeDefaultRetry })).toBe(false);
    expect(wantsRetry({ kind: "reset" }, { ...get, retry: routeDefaultRetry })).toBe(false);
    expect(wantsRetry({ kind: "connect-failure" }, { method: "POST", retry: routeDefaultRetry })).toBe(true);
    expect(wantsRetry({ kind: "response", status: 200, grpcStatus: 14 }, { ...get, retry: routeDefaultRetry })).toBe(
      true,
    );
  });
});

describe("back-off", () => {
  test.each([
    [1, 25],
    [2, 50],
    [3, 100],
    [4, 200],
    [5, 250],
    [6, 250],
    [60, 250],
    [2_000, 250],
  ])("retry %i waits below %i ms of base 25", (retries, below) => {
    expect(backoffMs(retryOn("5xx"), retries, () => 0.999_999)).toBe(below - 1);
    expect(backoffMs(retryOn("5xx"), retries, () => 0)).toBe(0);
    expect(backoffMs(retryOn("5xx"), retries, () => 0.5)).toBe(Math.floor(below / 2));
  });
});
