import type { L7RetryOn, L7RetryPolicy } from "../../xds/proxy-config.ts";
import type { TryResult, UpstreamFacts } from "./upstreams.ts";

const twice = { attempts: 2, statusCodes: [], backoffBaseMs: 25, unsafeMethods: false } as const;

/** A service behind a waypoint that no route is attached to (Istio: default retry policy of inbound routes). */
export const serviceDefaultRetry: L7RetryPolicy = { ...twice, on: ["reset-before-request"] };

/**
 * Routes without a retry of their own, and everything at gateways (Istio: default retry policy of outbound routes). No
 * status code is listed, so `retriable-status-codes` is there only for routes that add codes to it.
 */
export const routeDefaultRetry: L7RetryPolicy = {
  ...twice,
  on: ["connect-failure", "refused-stream", "unavailable", "cancelled", "retriable-status-codes"],
};

/** RFC 9110, section 9.2.2. */
const idempotentMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

/** gRPC statuses that are conditions of their own (Envoy, `x-envoy-retry-grpc-on`). */
const grpcConditions: Readonly<Record<number, L7RetryOn>> = {
  1: "cancelled",
  4: "deadline-exceeded",
  8: "resource-exhausted",
  13: "internal",
  14: "unavailable",
};

/** Conditions under which Envoy retries any reset, whatever its cause. */
const anyReset: readonly L7RetryOn[] = ["reset", "5xx", "gateway-error"];

/**
 * Whether the policy asks for another try after this result (Envoy, `x-envoy-retry-on`), limits aside. Stricter than
 * Envoy in one thing: what may have been acted upon is asked for again only if its method is idempotent, or the policy
 * says that methods do not matter; over a kept connection that broke, only if its method is idempotent. gRPC statuses are
 * exempt, since gRPC has one method for everything.
 */
export function wantsRetry(result: TryResult, { retry, method }: Pick<UpstreamFacts, "retry" | "method">): boolean {
  const { on } = retry;
  switch (result.kind) {
    case "response":
      return (
        wantsGrpcRetry(result.grpcStatus, on) || (wantsStatusRetry(result.status, retry) && mayRepeat(retry, method))
      );
    case "connect-failure":
      return on.includes("connect-failure") || on.includes("reset-before-request") || includesAny(on, anyReset);
    case "reset-before-request":
      return on.includes("reset-before-request") || includesAny(on, anyReset);
    case "refused-stream":
      return (
        // A kept connection that closed is what `reset-before-request` is for; Envoy sees it a moment too late.
        (on.includes("refused-stream") || on.includes("reset-before-request") || includesAny(on, anyReset)) &&
        // Nobody who writes `retry` for codes means that a server may get the same order twice.
        (result.unprocessed === true || idempotentMethods.has(method))
      );
    case "reset":
    case "per-try-timeout":
      return includesAny(on, anyReset) && mayRepeat(retry, method);
    case "denied":
    case "overflow":
      return false;
    default:
      return result satisfies never;
  }
}

/**
 * Wait before retry number `retries` (from 1), in milliseconds: exponential with full jitter, at most ten times the base
 * (Envoy, `RetryBackOff`). `retry-after` is not honoured, as in Envoy without `rate_limited_retry_back_off`.
 */
export function backoffMs({ backoffBaseMs }: L7RetryPolicy, retries: number, random: () => number): number {
  return Math.floor(random() * backoffBaseMs * Math.min(10, 2 ** (retries - 1)));
}

const mayRepeat = ({ unsafeMethods }: L7RetryPolicy, method: string): boolean =>
  unsafeMethods || idempotentMethods.has(method);

const includesAny = (on: readonly L7RetryOn[], conditions: readonly L7RetryOn[]): boolean =>
  conditions.some((condition) => on.includes(condition));

function wantsGrpcRetry(grpcStatus: number | undefined, on: readonly L7RetryOn[]): boolean {
  const condition = grpcStatus === undefined ? undefined : grpcConditions[grpcStatus];
  return condition !== undefined && on.includes(condition);
}

function wantsStatusRetry(status: number, { on, statusCodes }: L7RetryPolicy): boolean {
  return (
    (status >= 500 && status <= 599 && on.includes("5xx")) ||
    (isGatewayError(status) && on.includes("gateway-error")) ||
    (status === 409 && on.includes("retriable-4xx")) ||
    (on.includes("retriable-status-codes") && statusCodes.includes(status))
  );
}

/** 502, 503, 504: somebody on the way could not reach the service. */
export const isGatewayError = (status: number): boolean => status >= 502 && status <= 504;
