import type { Fields } from "../http1/index.ts";

/** A request as every part of the engine sees it, whichever protocol brought it. */
export interface HttpRequest {
  readonly protocol: "HTTP/1.0" | "HTTP/1.1" | "HTTP/2";
  readonly scheme: "http" | "https";
  readonly method: string;
  /** Host as sent, port included. */
  readonly authority: string;
  /** Path and query as sent; `*` for `OPTIONS *`. */
  readonly target: string;
  /**
   * End-to-end fields as they will be sent on: hop-by-hop fields and what `Connection` nominates are gone,
   * `x-forwarded-*`, `x-request-id` and trace context are set. Policy judges these.
   */
  readonly fields: Fields;
  /** Whether a body may follow, and how long it is if that was said. */
  readonly body:
    | { readonly kind: "none" }
    | { readonly kind: "length"; readonly length: number }
    | { readonly kind: "stream" };
  /** Protocol that the client asks to switch to (`websocket`), also by RFC 8441. */
  readonly upgrade: string | undefined;
  /** `content-type: application/grpc` or a variant of it. */
  readonly grpc: boolean;
  /** W3C trace context of the span that the proxy itself makes for this request. */
  readonly trace: RequestTrace;
}

/** How long a body is by what was said; nothing said is 0. */
export const lengthOf = (body: HttpRequest["body"]): number => (body.kind === "length" ? body.length : 0);

/** Trace context: where the request comes from and what we are in it. */
export interface RequestTrace {
  readonly traceId: string;
  /** The caller's span; empty when the trace begins here. */
  readonly parentSpanId: string;
  /** Ours; upstream requests name it as their parent. */
  readonly spanId: string;
  readonly sampled: boolean;
}
