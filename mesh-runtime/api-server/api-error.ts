import type { KindDefinition } from "../api/kind.ts";
import { badRequest, type FieldError, failure, invalid, type Status, type StatusCause } from "../api/status.ts";

/** A refusal: carries the Status object that the client gets. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: Status;
  /** Extra headers, such as `Retry-After`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: Status, headers: Readonly<Record<string, string>> = {}) {
    super(status.message ?? status.reason ?? `HTTP ${status.code}`);
    this.status = status;
    this.headers = headers;
  }
}

type Named = Pick<KindDefinition, "group" | "plural">;

const details = ({ group, plural }: Named, name: string): NonNullable<Status["details"]> => ({
  name,
  ...(group === "" ? {} : { group }),
  kind: plural,
});

/** `httproutes.gateway.networking.k8s.io`. */
export const qualifiedPlural = ({ group, plural }: Named): string => (group === "" ? plural : `${plural}.${group}`);

export const errors = {
  /** No such object. */
  notFound: (kind: Named, name: string): ApiError =>
    new ApiError(
      failure(404, "NotFound", `${qualifiedPlural(kind)} ${JSON.stringify(name)} not found`, details(kind, name)),
    ),
  /** No such resource, subresource or path. */
  noResource: (): ApiError =>
    new ApiError(failure(404, "NotFound", "the server could not find the requested resource", {})),
  methodNotAllowed: (): ApiError =>
    new ApiError(
      failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {}),
    ),
  alreadyExists: (kind: Named, name: string, isEnding: boolean): ApiError =>
    new ApiError(
      failure(
        409,
        "AlreadyExists",
        `${isEnding ? "object is being deleted: " : ""}${qualifiedPlural(kind)} ${JSON.stringify(name)} already exists`,
        details(kind, name),
      ),
    ),
  conflict: (kind: Named, name: string, message: string): ApiError =>
    new ApiError(
      failure(
        409,
        "Conflict",
        `Operation cannot be fulfilled on ${qualifiedPlural(kind)} ${JSON.stringify(name)}: ${message}`,
        details(kind, name),
      ),
    ),
  modified: (kind: Named, name: string): ApiError =>
    errors.conflict(
      kind,
      name,
      "the object has been modified; please apply your changes to the latest version and try again",
    ),
  managersConflict: (message: string, causes: readonly StatusCause[]): ApiError =>
    new ApiError(failure(409, "Conflict", message, { causes })),
  forbidden: (message: string, kind?: Named, name = ""): ApiError =>
    new ApiError(failure(403, "Forbidden", message, kind === undefined ? {} : details(kind, name))),
  unauthorized: (): ApiError => new ApiError(failure(401, "Unauthorized", "Unauthorized")),
  badRequest: (message: string): ApiError => new ApiError(badRequest(message)),
  invalid: (group: string, kind: string, name: string, found: readonly FieldError[]): ApiError =>
    new ApiError(invalid(group, kind, name, found)),
  /** Wrong query parameters: `kind` is `PatchOptions` and the like. */
  invalidOptions: (kind: string, found: readonly FieldError[]): ApiError =>
    new ApiError(invalid("meta.k8s.io", kind, "", found)),
  expired: (message: string): ApiError => new ApiError(failure(410, "Expired", message)),
  future: (wanted: number, current: number): ApiError =>
    new ApiError(
      failure(504, "Timeout", `Timeout: Too large resource version: ${wanted}, current: ${current}`, {
        causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
        retryAfterSeconds: 1,
      }),
      { "retry-after": "1" },
    ),
  unsupportedMediaType: (message: string): ApiError => new ApiError(failure(415, "UnsupportedMediaType", message)),
  tooLarge: (bytesMax: number): ApiError =>
    new ApiError(failure(413, "RequestEntityTooLarge", `Request entity too large: limit is ${bytesMax}`)),
  tooMany: (message: string): ApiError =>
    new ApiError(failure(429, "TooManyRequests", message, { retryAfterSeconds: 1 }), { "retry-after": "1" }),
  timeout: (): ApiError => new ApiError(failure(408, "Timeout", "the request did not arrive in time")),
  unavailable: (message: string): ApiError => new ApiError(failure(503, "ServiceUnavailable", message)),
  internal: (): ApiError =>
    new ApiError(failure(500, "InternalError", "Internal error occurred: see the API server's log", {})),
};
