import { randomFillSync, randomUUID } from "node:crypto";

/** W3C Trace Context, version 00 (w3.org/TR/trace-context, §3.2). */
const shape = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:$|-)/;

export const isTraceparent = (value: string): boolean => value.length <= 256 && shape.test(value);

/** Trace id of a valid traceparent. */
export const traceIdOf = (traceparent: string): string => traceparent.slice(3, 35);

/** Random bytes for some hundred ids at once: asking the kernel per request costs more than the rest of it. */
const pool = Buffer.allocUnsafe(24 * 256);
let used = pool.length;

/** A new root; not sampled, since this proxy records no span. */
export function newTraceparent(): string {
  if (used + 24 > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const hex = pool.toString("hex", used, used + 24);
  used += 24;
  return `00-${hex.slice(0, 32)}-${hex.slice(32)}-00`;
}

/** A request id (`x-request-id`), as Envoy makes it. */
export const newRequestId = (): string => randomUUID();

/** Ids of the client are kept when they are harmless. */
export const isRequestId = (value: string): boolean => /^[A-Za-z0-9._:-]{1,128}$/.test(value);
