/** `metav1.Status`: how the API says no. Codes, reasons and texts as k8s.io/apimachinery `api/errors` makes them. */

/** Closed set of cause reasons (`field.ErrorType`). */
export type FieldErrorReason =
  | "FieldValueRequired"
  | "FieldValueInvalid"
  | "FieldValueNotSupported"
  | "FieldValueForbidden"
  | "FieldValueDuplicate"
  | "FieldValueTooLong"
  | "FieldValueTooMany"
  | "FieldValueTypeInvalid"
  | "FieldValueNotFound"
  | "InternalError";

/** One thing that is wrong. `message` has no field in front: `Invalid value: 0: must be between 1 and 65535`. */
export interface FieldError {
  readonly reason: FieldErrorReason;
  readonly field: string;
  readonly message: string;
}

export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

export interface Status {
  readonly kind: "Status";
  readonly apiVersion: "v1";
  readonly metadata: Record<string, never>;
  readonly status: "Success" | "Failure";
  readonly message?: string;
  readonly reason?: string;
  readonly details?: {
    readonly name?: string;
    readonly group?: string;
    readonly kind?: string;
    readonly uid?: string;
    readonly causes?: readonly StatusCause[];
    readonly retryAfterSeconds?: number;
  };
  readonly code: number;
}

/** A failure without details. An empty reason is left out, as Go does. */
export function failure(code: number, reason: string, message: string, details?: Status["details"]): Status {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message,
    ...(reason === "" ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  };
}

/** 400. */
export function badRequest(message: string): Status {
  return failure(400, "BadRequest", message);
}

/** 422 with one cause per error. `kind` is `Pod`, or `HTTPRoute.gateway.networking.k8s.io` for kinds of a group. */
export function invalid(group: string, kind: string, name: string, errors: readonly FieldError[]): Status {
  const qualified = group === "" ? kind : `${kind}.${group}`;
  // Go aggregates: equal texts once, brackets around more than one.
  const texts = [...new Set(errors.map((error) => `${error.field}: ${error.message}`))];
  const text = texts.length === 1 ? texts.join("") : `[${texts.join(", ")}]`;
  return failure(422, "Invalid", `${qualified} "${name}" is invalid: ${text}`, {
    name,
    ...(group === "" ? {} : { group }),
    kind,
    causes: errors.map(({ reason, message, field }) => ({ reason, message, field })),
  });
}
