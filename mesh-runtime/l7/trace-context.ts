import { randomFillSync, randomUUID } from "node:crypto";
import type { Fields } from "../http1/index.ts";
import type { RequestTrace } from "./http-request.ts";

/** W3C Trace Context, version 00 (w3.org/TR/trace-context, §3.2). */
const shape = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:$|-)/;
/** B3 (openzipkin/b3-propagation): 64 or 128 bits of trace, span, sampling, parent. */
const b3Single = /^([0-9a-f]{16}|[0-9a-f]{32})-([0-9a-f]{16})(?:-([01d])(?:-[0-9a-f]{16})?)?$/i;
const b3TraceId = /^(?:[0-9a-f]{16}|[0-9a-f]{32})$/i;
const b3SpanId = /^[0-9a-f]{16}$/i;

export const isTraceparent = (value: string): boolean => value.length <= 256 && shape.test(value);

/** Trace id of a valid traceparent. */
export const traceIdOf = (traceparent: string): string => traceparent.slice(3, 35);

/** How traces are made at a place. */
export interface Tracing {
  readonly enabled: boolean;
  /** Share of traces that begin here and are sampled, from 0 to 1. */
  readonly sampling: number;
}

/** Random digits for some hundred ids at once: asking the kernel per request costs more than the rest of it. */
const pool = Buffer.allocUnsafe(24 * 256);
let used = pool.length;

function randomHex(bytes: 8 | 24): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString("hex", used - bytes, used);
}

/** A request id (`x-request-id`), as Envoy makes it. */
export const newRequestId = (): string => randomUUID();

/** Ids of the client are kept when they are harmless. */
export const isRequestId = (value: string): boolean => /^[A-Za-z0-9._:-]{1,128}$/.test(value);

/**
 * Reads the trace context of a request (W3C first, then B3 in one field, then B3 in several) and writes ours as the new
 * parent, in the forms that the request had and always as `traceparent`. Without tracing a given context passes
 * unchanged, so that the chain of spans is not broken by one that nobody records.
 */
export function continueTrace(fields: Fields, tracing: Tracing, random: () => number): RequestTrace {
  const traceparent = fields.joined("traceparent");
  if (traceparent !== undefined && isTraceparent(traceparent)) {
    const sampled = (Number.parseInt(traceparent.slice(53, 55), 16) & 1) === 1;
    const given = { traceId: traceIdOf(traceparent), parentSpanId: traceparent.slice(36, 52), sampled };
    return continued(fields, given, tracing, true);
  }
  const b3 = readB3(fields);
  if (typeof b3 === "object") {
    fields.remove("tracestate");
    return continued(fields, b3, tracing, false);
  }
  const hex = randomHex(24);
  const traceId = hex.slice(0, 32);
  const spanId = hex.slice(32);
  const sampled = b3 !== "denied" && tracing.enabled && tracing.sampling > 0 && random() < tracing.sampling;
  writeTraceparent(fields, traceId, spanId, sampled, traceparent !== undefined);
  // State without its parent means nothing (Trace Context §3.3).
  fields.remove("tracestate");
  return { traceId, parentSpanId: "", spanId, sampled };
}

type Given = Pick<RequestTrace, "traceId" | "parentSpanId" | "sampled">;

function continued(fields: Fields, given: Given, tracing: Tracing, w3c: boolean): RequestTrace {
  const { traceId, parentSpanId, sampled } = given;
  if (!tracing.enabled) {
    return { traceId, parentSpanId, spanId: parentSpanId, sampled: false };
  }
  const spanId = randomHex(8);
  writeTraceparent(fields, traceId, spanId, sampled, w3c);
  if (fields.has("b3")) {
    fields.set("b3", `${traceId}-${spanId}-${sampled ? "1" : "0"}-${parentSpanId}`);
  }
  if (fields.has("x-b3-traceid")) {
    fields.set("x-b3-traceid", traceId);
    fields.set("x-b3-spanid", spanId);
    fields.set("x-b3-parentspanid", parentSpanId);
    fields.set("x-b3-sampled", sampled ? "1" : "0");
  }
  return { traceId, parentSpanId, spanId, sampled };
}

function writeTraceparent(fields: Fields, traceId: string, spanId: string, sampled: boolean, replace: boolean): void {
  const value = `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`;
  if (replace) {
    fields.set("traceparent", value);
  } else {
    fields.list.push("traceparent", value);
  }
}

/** `denied`: the caller has no trace and wants none (B3, "Deny"). */
function readB3(fields: Fields): Given | "denied" | undefined {
  const single = fields.get("b3");
  if (single !== undefined) {
    if (single === "0") {
      return "denied";
    }
    const match = b3Single.exec(single);
    if (match?.[1] !== undefined && match[2] !== undefined) {
      return usable(match[1], match[2], match[3] === "1" || match[3] === "d");
    }
  }
  const traceId = fields.get("x-b3-traceid");
  if (traceId === undefined) {
    return fields.get("x-b3-sampled") === "0" ? "denied" : undefined;
  }
  const spanId = fields.get("x-b3-spanid");
  if (spanId === undefined || !b3TraceId.test(traceId) || !b3SpanId.test(spanId)) {
    return undefined;
  }
  return usable(traceId, spanId, fields.get("x-b3-sampled") === "1" || fields.get("x-b3-flags") === "1");
}

/** Ids of zeros are none; 64-bit traces are filled up in front, as W3C asks. */
function usable(trace: string, span: string, sampled: boolean): Given | undefined {
  const traceId = trace.toLowerCase().padStart(32, "0");
  const parentSpanId = span.toLowerCase();
  return /^0+$/.test(traceId) || /^0+$/.test(parentSpanId) ? undefined : { traceId, parentSpanId, sampled };
}
