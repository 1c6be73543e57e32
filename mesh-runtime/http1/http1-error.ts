/** Why a message was refused; each code has one status to answer with (RFC 9112, RFC 9110 §15). */
const statusOf = {
  /** A line ended with LF alone, or CR stood alone (RFC 9112 §2.2). */
  "bare-line-end": 400,
  "request-line": 400,
  method: 400,
  target: 400,
  "target-too-long": 414,
  version: 505,
  "status-line": 400,
  "field-name": 400,
  "field-value": 400,
  /** A field that goes on in the next line (RFC 9112 §5.2). */
  "obs-fold": 400,
  "head-too-large": 431,
  "too-many-fields": 431,
  /** Missing, repeated or malformed (RFC 9112 §3.2). */
  host: 400,
  /** Malformed, repeated, or together with Transfer-Encoding (RFC 9112 §6.3). */
  "content-length": 400,
  "transfer-encoding": 400,
  /** A transfer coding other than `chunked` (RFC 9112 §6.1). */
  "transfer-coding": 501,
  "chunk-size": 400,
  "chunk-extension": 400,
  "chunk-data": 400,
  trailer: 400,
  "body-too-large": 413,
  /** The stream ended inside a message. */
  truncated: 400,
  /** Bytes where no message was due. */
  unexpected: 400,
} as const;

export type Http1ErrorCode = keyof typeof statusOf;

/** A message that HTTP/1.1 does not allow, or that is larger than allowed. The connection must be closed after it. */
export class Http1Error extends Error {
  override readonly name = "Http1Error";
  readonly code: Http1ErrorCode;
  /** Status a server answers with; a client that reads a response answers 502 to its own caller. */
  readonly status: 400 | 413 | 414 | 431 | 501 | 505;

  constructor(code: Http1ErrorCode, detail: string) {
    super(`${code}: ${detail}`);
    this.code = code;
    this.status = statusOf[code];
  }
}

/** Every code, for tables and documentation. */
export const http1ErrorCodes = Object.keys(statusOf) as Http1ErrorCode[];
