import type { IncomingHttpHeaders } from "node:http";

/**
 * Headers that a service hands on to what it calls: trace context (W3C Trace Context, B3, Envoy's request id) and the
 * two that routing and policy demos decide by. A mesh cannot do this for the application: only the application knows
 * which call out belongs to which call in.
 */
const propagated = new Set([
  "x-request-id",
  "traceparent",
  "tracestate",
  "baggage",
  "b3",
  "x-b3-traceid",
  "x-b3-spanid",
  "x-b3-parentspanid",
  "x-b3-sampled",
  "x-b3-flags",
  "x-canary",
  "x-test-me",
]);

/** The part of a request's headers that goes along to the next hop. */
export function propagatedHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && propagated.has(name)) {
      result[name] = Array.isArray(value) ? value.join(",") : value;
    }
  }
  return result;
}

/** What every request has, or the mesh adds. */
const ordinary =
  /^(host|connection|keep-alive|user-agent|accept(-.*)?|content-.*|transfer-encoding|traceparent|tracestate|x-request-id|x-forwarded-.*|x-envoy-.*|sec-.*)$/;

/**
 * Names of the headers that tell one request from another, so that an answer shows how far each of them gets down the
 * chain. Names only: values may be secrets.
 */
export const headersWorthTelling = (headers: IncomingHttpHeaders): string[] =>
  Object.keys(headers)
    .filter((name) => !ordinary.test(name))
    .slice(0, 16);
