import { HboneError } from "../hbone/errors.ts";

/**
 * Why a request got no answer from its upstream.
 *
 * - `denied`: the destination's agent refuses this proxy.
 * - `connect`: no connection could be made.
 * - `reset`: the connection broke before or inside the response.
 * - `protocol`: the response is not valid HTTP/1.1.
 * - `overflow`: too many connections to that endpoint already.
 */
export type UpstreamErrorCode = "denied" | "connect" | "reset" | "protocol" | "overflow";

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
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof HboneError && error.code === "denied" ? "denied" : "connect";
  return new UpstreamError(code, message, { cause: error });
}
