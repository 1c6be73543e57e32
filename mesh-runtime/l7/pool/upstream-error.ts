import { HboneError } from "../../hbone/errors.ts";

/**
 * Why a request got no answer from its upstream.
 *
 * - `denied`: the destination's agent refuses this proxy.
 * - `connect`: no connection could be made; nothing was sent.
 * - `refused`: the connection was gone, or the peer says that it did not look at the request (REFUSED_STREAM, GOAWAY).
 * - `stale`: a kept connection broke before anything was answered; it may have been closed before the request came.
 * - `reset`: the connection or stream broke before the answer was complete.
 * - `protocol`: the answer is not valid HTTP.
 * - `overflow`: a limit of the connection pool.
 * - `timeout`: the time for a small call is over.
 */
export type UpstreamErrorCode =
  | "denied"
  | "connect"
  | "refused"
  | "stale"
  | "reset"
  | "protocol"
  | "overflow"
  | "timeout";

export class UpstreamError extends Error {
  override readonly name = "UpstreamError";
  readonly code: UpstreamErrorCode;

  constructor(code: UpstreamErrorCode, message: string, options?: { cause: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** Turns what a dial rejected with into ours. */
export function dialFailure(error: unknown): UpstreamError {
  if (error instanceof UpstreamError) {
    return error;
  }
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof HboneError && error.code === "denied" ? "denied" : "connect";
  return new UpstreamError(code, message, { cause: error });
}
