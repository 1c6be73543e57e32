/** Why the Kubernetes API could not do what it was asked. */
export type ClusterErrorCode =
  /** No connection, or no answer in time. */
  | "unreachable"
  /** 401 or 403: the portal's own credentials do not suffice. */
  | "not-permitted"
  | "not-found"
  /** 409: another field manager owns a field, or the object moved. */
  | "conflict"
  /** 4xx: schema, CEL or webhook said no. */
  | "refused"
  /** 5xx. */
  | "server-error";

export class ClusterError extends Error {
  override readonly name = "ClusterError";
  readonly code: ClusterErrorCode;
  /** HTTP status, 0 without an answer. */
  readonly status: number;

  constructor(code: ClusterErrorCode, status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.status = status;
  }
}

/** By name: the class exists once a bundle (see `isPortalError`). */
export const isClusterError = (error: unknown): error is ClusterError =>
  error instanceof Error && error.name === "ClusterError";

/** A webhook's text repeats its own name; people need what follows (`resources.md` §0). */
export function plainReason(message: string): string {
  const webhook = /^admission webhook "[^"]+" denied the request: (?:configuration is invalid: )?(.*)$/s.exec(message);
  return (webhook?.[1] ?? message).trim();
}

export function clusterErrorOf(status: number, message: string): ClusterError {
  const code =
    status === 401 || status === 403
      ? "not-permitted"
      : status === 404
        ? "not-found"
        : status === 409
          ? "conflict"
          : status >= 500
            ? "server-error"
            : "refused";
  return new ClusterError(code, status, plainReason(message));
}
