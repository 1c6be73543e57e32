/**
 * Why a tunnel could not be opened, or ended early.
 *
 * - `no-certificate`: we hold no valid certificate for the caller.
 * - `connect-refused`: nothing listens at the destination, or it hung up before TLS stood.
 * - `connect-timeout`: the destination did not answer in time.
 * - `tls-untrusted`: one side's certificate is not signed by the mesh's root, or carries no usable identity.
 * - `tls-expired`: one side's certificate is outside its validity.
 * - `identity-mismatch`: the peer proved an identity, but not the expected one.
 * - `denied`: the peer answered CONNECT with 401 or 403: its policy refuses the caller.
 * - `unreachable`: the peer answered 503 or 504: it cannot reach the application.
 * - `refused`: the peer answered CONNECT with another status than 200.
 * - `reset`: the connection or stream broke before the answer.
 * - `closed`: this side is shutting down.
 */
export type HboneErrorCode =
  | "no-certificate"
  | "connect-refused"
  | "connect-timeout"
  | "tls-untrusted"
  | "tls-expired"
  | "identity-mismatch"
  | "denied"
  | "unreachable"
  | "refused"
  | "reset"
  | "closed";

const userMessages: Record<HboneErrorCode, string> = {
  "no-certificate": "The proxy has no certificate for this workload yet; try again in a moment.",
  "connect-refused": "Nothing answers at the destination's HBONE port; check that its pod is ready.",
  "connect-timeout": "The destination did not answer in time; maybe something blocks HBONE port 15008.",
  "tls-untrusted": "A certificate is not signed by the mesh's root; check that both sides belong to this mesh.",
  "tls-expired": "A certificate has expired; check that the control plane is reachable so that it can be renewed.",
  "identity-mismatch":
    "The destination proved another identity than its workload should have; check its service account.",
  denied: "The destination's policy refuses this caller; see its authorization policies.",
  unreachable: "The destination's application does not accept connections; check that it listens on its port.",
  refused: "The destination refused the tunnel; check the port.",
  reset: "The connection to the destination broke; try again.",
  closed: "The proxy is shutting down.",
};

/** A failed tunnel. `status` is the answer to CONNECT where there was one. */
export class HboneError extends Error {
  override readonly name = "HboneError";
  readonly code: HboneErrorCode;
  readonly status: number | undefined;

  constructor(code: HboneErrorCode, message: string, options: { cause?: unknown; status?: number } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = options.status;
  }

  /** For a person: what to look at next. */
  get userMessage(): string {
    return userMessages[this.code];
  }
}

const expiredCodes = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED",
  "ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED",
]);
const timeoutCodes = new Set(["ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"]);

const codeOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : "";

/** True for the verification results that mean "outside its validity" (X509_verify_cert, OpenSSL). */
export const isExpiryCode = (code: string): boolean => expiredCodes.has(code);

const tlsCode =
  /^(ERR_SSL_|ERR_TLS_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|CERT_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|EPROTO)/;

/** Maps an error of a socket or TLS handshake to ours. */
export function dialError(error: unknown, target: string): HboneError {
  if (error instanceof HboneError) {
    return error;
  }
  const code = codeOf(error);
  const text = `${target}: ${error instanceof Error ? error.message : String(error)}`;
  if (expiredCodes.has(code)) {
    return new HboneError("tls-expired", text, { cause: error });
  }
  if (timeoutCodes.has(code)) {
    return new HboneError("connect-timeout", text, { cause: error });
  }
  if (tlsCode.test(code)) {
    return new HboneError("tls-untrusted", text, { cause: error });
  }
  return new HboneError(code === "ECONNREFUSED" ? "connect-refused" : "reset", text, { cause: error });
}
