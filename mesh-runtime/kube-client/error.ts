/** What went wrong between this process and the Kubernetes API. Match `code`, not the class. */
export type KubeErrorCode =
  /** The kubeconfig is missing, unreadable or incomplete. */
  | "badKubeconfig"
  /** No connection, or it broke before the answer was complete. */
  | "unreachable"
  /** The answer did not come in time. */
  | "timeout"
  /** The answer is larger than this client accepts. */
  | "tooLarge"
  /** The answer is not what the Kubernetes API says: no JSON, no object. */
  | "badAnswer"
  /** 404. */
  | "notFound"
  /** 409 with reason AlreadyExists. */
  | "alreadyExists"
  /** 409: another writer was first, or another field manager owns a field. */
  | "conflict"
  /** 410: the resource version is older than the history. */
  | "expired"
  /** 401 or 403. */
  | "forbidden"
  /** 422, 400, 415: the request is wrong; sending it again cannot help. */
  | "invalid"
  /** 429 or 5xx: sending it again may help. */
  | "unavailable"
  /** The client was closed or the caller's signal fired. */
  | "closed";

/** A failed call of the Kubernetes API. */
export class KubeError extends Error {
  override readonly name = "KubeError";
  readonly code: KubeErrorCode;
  /** HTTP status, when there was an answer. */
  readonly status: number | undefined;
  /** `reason` of the Status object, such as `Conflict`. */
  readonly reason: string | undefined;

  constructor(
    code: KubeErrorCode,
    message: string,
    detail: { status?: number | undefined; reason?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.status = detail.status;
    this.reason = detail.reason;
  }
}

/** True when `error` is a `KubeError` with one of `codes`. */
export const isKubeError = (error: unknown, ...codes: readonly KubeErrorCode[]): error is KubeError =>
  error instanceof KubeError && (codes.length === 0 || codes.includes(error.code));

function codeOf(status: number, reason: string | undefined): KubeErrorCode {
  switch (status) {
    case 401:
    case 403:
      return "forbidden";
    case 404:
      return "notFound";
    case 409:
      return reason === "AlreadyExists" ? "alreadyExists" : "conflict";
    case 410:
      return "expired";
    default:
      return status === 429 || status >= 500 ? "unavailable" : "invalid";
  }
}

/** Turns an answer with a Status object (or any body) into an error. */
export function errorFromAnswer(status: number, body: string): KubeError {
  let reason: string | undefined;
  let message = body.slice(0, 400);
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === "object" && value !== null) {
      const { reason: r, message: m } = value as { reason?: unknown; message?: unknown };
      reason = typeof r === "string" ? r : undefined;
      message = typeof m === "string" ? m : message;
    }
  } catch {
    // Not a Status: the first characters of the body are the message.
  }
  return new KubeError(codeOf(status, reason), message || `HTTP ${status}`, { status, reason });
}
