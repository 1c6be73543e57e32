import type { DenialReason, ResponseFlag } from "../api/telemetry.ts";
import { HboneError, type HboneErrorCode } from "../hbone/errors.ts";
import type { UpstreamRefusal } from "./choose-upstream.ts";

/**
 * Why a call could not be carried out.
 *
 * - the codes of `UpstreamRefusal`: there is nowhere to go;
 * - `policy-rejection`: the destination's policy refuses the caller;
 * - `connect-failed`, `connect-timeout`: nobody answers, or not in time;
 * - `tls-failed`: certificate trouble on one of the sides;
 * - `broken`: the connection ended before a whole answer came;
 * - `bad-answer`: what came is no HTTP/1.1.
 */
export type UpstreamErrorCode =
  | UpstreamRefusal
  | "policy-rejection"
  | "connect-failed"
  | "connect-timeout"
  | "tls-failed"
  | "broken"
  | "bad-answer";

interface Answer {
  readonly status: number;
  readonly flag: ResponseFlag;
  /** Told to the application; names no policy. */
  readonly text: string;
  /** Reply code of SOCKS5 (RFC 1928 §6). */
  readonly socks: number;
}

const answers: Record<UpstreamErrorCode, Answer> = {
  "no-such-service": { status: 502, flag: "NR", text: "no such service", socks: 4 },
  "no-healthy-endpoint": { status: 503, flag: "UH", text: "no healthy upstream", socks: 4 },
  "port-not-exposed": { status: 502, flag: "NR", text: "the service has no such port", socks: 5 },
  "forbidden-destination": {
    status: 403,
    flag: "DENY",
    text: "this address is not reachable through the mesh",
    socks: 2,
  },
  "destination-not-listed": {
    status: 403,
    flag: "DENY",
    text: "this destination outside of the mesh is not listed: only listed ones may be called",
    socks: 2,
  },
  "policy-rejection": {
    status: 503,
    flag: "DENY",
    text: "upstream connect error: connection closed due to policy rejection",
    socks: 2,
  },
  "connect-failed": { status: 503, flag: "UF", text: "upstream connect error: connection failed", socks: 5 },
  "connect-timeout": { status: 504, flag: "UT", text: "upstream connect error: connection timed out", socks: 4 },
  "tls-failed": { status: 503, flag: "TLS_FAILURE", text: "upstream connect error: TLS failure", socks: 5 },
  broken: { status: 503, flag: "UC", text: "upstream closed the connection before it answered", socks: 1 },
  "bad-answer": { status: 502, flag: "UC", text: "upstream sent an invalid response", socks: 1 },
};

/** `message` is for the log; the application reads `answer.text`. */
export class UpstreamError extends Error {
  override readonly name = "UpstreamError";
  readonly code: UpstreamErrorCode;
  readonly answer: Answer;
  /** Set when this proxy itself refused the peer. */
  readonly denial: DenialReason | undefined;

  constructor(code: UpstreamErrorCode, message: string, options: { cause?: unknown; denial?: DenialReason } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.answer = answers[code];
    this.denial = options.denial;
  }

  get userMessage(): string {
    return this.answer.text;
  }

  /** Another endpoint may do better: this one could not be reached, and nothing was sent. */
  get tryAnother(): boolean {
    return this.code === "connect-failed" || this.code === "connect-timeout" || this.code === "tls-failed";
  }
}

const ofHbone: Record<HboneErrorCode, { readonly code: UpstreamErrorCode; readonly denial?: DenialReason }> = {
  "no-certificate": { code: "tls-failed" },
  "connect-refused": { code: "connect-failed" },
  "connect-timeout": { code: "connect-timeout" },
  "tls-untrusted": { code: "tls-failed", denial: "certificate-untrusted" },
  "tls-expired": { code: "tls-failed", denial: "certificate-expired" },
  "identity-mismatch": { code: "tls-failed", denial: "identity-mismatch" },
  denied: { code: "policy-rejection" },
  unreachable: { code: "connect-failed" },
  refused: { code: "connect-failed" },
  reset: { code: "connect-failed" },
  closed: { code: "connect-failed" },
};

/** Maps what a dial threw. */
export function upstreamError(error: unknown): UpstreamError {
  if (error instanceof UpstreamError) {
    return error;
  }
  if (error instanceof HboneError) {
    const { code, denial } = ofHbone[error.code];
    return new UpstreamError(code, error.message, { cause: error, ...(denial === undefined ? {} : { denial }) });
  }
  return new UpstreamError("connect-failed", error instanceof Error ? error.message : String(error), { cause: error });
}
