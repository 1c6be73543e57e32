import type { Problem, ProblemCode } from "@/server/contracts/errors.ts";

/** Why a call failed: the portal's own codes, and two that only a browser can meet. */
export type PortalErrorCode =
  | ProblemCode
  /** No answer came: the portal is down or the network is. */
  | "offline"
  /** An answer came that does not fit the contract. */
  | "unexpected-answer";

interface PortalErrorOptions {
  readonly userMessage: string;
  readonly problem?: Problem;
  readonly cause?: unknown;
}

/** A failed call to `/api/v1`. `message` is for the log, `userMessage` for the screen. */
export class PortalError extends Error {
  override readonly name = "PortalError";
  readonly code: PortalErrorCode;
  readonly userMessage: string;
  /** The problem document, when the portal sent one: fields, conflicts. */
  readonly problem: Problem | undefined;

  constructor(code: PortalErrorCode, message: string, options: PortalErrorOptions) {
    super(message, { cause: options.cause });
    this.code = code;
    this.userMessage = options.userMessage;
    this.problem = options.problem;
  }
}

/** The words for the screen, whatever was thrown. */
export function userMessageOf(error: unknown): string {
  return error instanceof PortalError
    ? error.userMessage
    : "Something unexpected happened. Try again; if it stays, look at the portal's log.";
}

/** The title for the screen, whatever was thrown. */
export function titleOf(error: unknown): string {
  if (!(error instanceof PortalError)) {
    return "This did not work";
  }
  switch (error.code) {
    case "offline":
      return "The portal does not answer";
    case "forbidden":
      return "Your role does not allow this";
    case "not-found":
      return "There is no such thing";
    case "unauthenticated":
      return "You are signed out";
    case "cluster-unreachable":
      return "The cluster does not answer";
    case "starting":
      return "Still starting";
    default:
      return error.problem?.title ?? "This did not work";
  }
}
