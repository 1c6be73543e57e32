import type { L7RetryOn, L7RetryPolicy } from "../../../xds/proxy-config.ts";
import type { FieldReader } from "./unsupported.ts";

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

/** What is retried when `retryOn` is not written (istio/istio `retry.DefaultPolicy`). */
const standard: readonly L7RetryOn[] = ["connect-failure", "refused-stream", "unavailable", "cancelled"];

/** Least back-off of Envoy's retries. */
const standardBackoffMs = 25;

/**
 * Reads `retries` of a VirtualService. Without `attempts` nothing is retried. Preferences about which endpoint is tried
 * next are passed over: every try goes elsewhere if it can.
 */
export function readRetries(
  reader: FieldReader | undefined,
  passedOver: string[],
): { readonly policy: L7RetryPolicy; readonly perTryMs: number } | undefined {
  if (reader === undefined) {
    return undefined;
  }
  const attempts = reader.count("attempts") ?? 0;
  const perTryMs = reader.duration("perTryTimeout") ?? 0;
  const backoffBaseMs = reader.duration("backoff") || standardBackoffMs;
  const words = reader
    .text("retryOn")
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
  const statusCodes = words.filter((word) => /^[1-5]\d\d$/.test(word)).map(Number);
  const on = words.filter((word): word is L7RetryOn => conditions.some((known) => known === word));
  const unknown = words.filter((word) => !/^[1-5]\d\d$/.test(word) && !conditions.some((known) => known === word));
  if (unknown.length > 0) {
    reader.report("retryOn", unknown.join(", "));
  }
  if (reader.flag("retryRemoteLocalities")) {
    passedOver.push(`${reader.path}.retryRemoteLocalities`);
  }
  if (reader.has("retryIgnorePreviousHosts") && !reader.flag("retryIgnorePreviousHosts")) {
    passedOver.push(`${reader.path}.retryIgnorePreviousHosts`);
  }
  reader.rest();
  const withCodes: readonly L7RetryOn[] =
    statusCodes.length > 0 && !on.includes("retriable-status-codes") ? [...on, "retriable-status-codes"] : on;
  return {
    policy: {
      attempts,
      on: words.length === 0 ? standard : [...new Set(withCodes)],
      statusCodes: [...new Set(statusCodes)],
      backoffBaseMs,
      unsafeMethods: true,
    },
    perTryMs: attempts > 0 ? perTryMs : 0,
  };
}
