/** Why a document could not be fetched. */
export type FetchErrorCode =
  /** The URL is none, or neither http nor https. */
  | "bad-url"
  /** It leads to an address that the control plane must not call. */
  | "forbidden-address"
  /** A name of the mesh that leads to no pod. */
  | "no-such-host"
  /** Nobody answered, or the connection broke. */
  | "unreachable"
  | "too-slow"
  | "too-large"
  | "too-many-redirects"
  /** The answer has another status than 200. */
  | "bad-status"
  /** The answer is not what was asked for. */
  | "bad-content";

/** A failed fetch; `message` says what happened and goes into a condition. */
export class FetchError extends Error {
  override readonly name = "FetchError";
  readonly code: FetchErrorCode;

  constructor(code: FetchErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
