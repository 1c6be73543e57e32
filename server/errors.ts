import type { ProblemCode, ProblemConflict, ProblemField } from "@/server/contracts/errors.ts";

export interface PortalErrorOptions extends ErrorOptions {
  /** For the log; the user's text when absent. */
  readonly message?: string;
  readonly fields?: readonly ProblemField[];
  readonly conflicts?: readonly ProblemConflict[];
  readonly etag?: string;
}

/** A failure that a person may see: `userMessage` says what happened and what to do next, `message` is for the log. */
export class PortalError extends Error {
  override readonly name = "PortalError";
  readonly code: ProblemCode;
  readonly userMessage: string;
  readonly fields: readonly ProblemField[];
  readonly conflicts: readonly ProblemConflict[];
  /** Stands for the conflicts as they are shown; empty without any. */
  readonly etag: string;

  constructor(code: ProblemCode, userMessage: string, options: PortalErrorOptions = {}) {
    super(options.message ?? userMessage, options);
    this.code = code;
    this.userMessage = userMessage;
    this.fields = options.fields ?? [];
    this.conflicts = options.conflicts ?? [];
    this.etag = options.etag ?? "";
  }
}

/** Next bundles the back end more than once, each with a class of its own: ask for the name, not the class. */
export const isPortalError = (error: unknown): error is PortalError =>
  error instanceof Error && error.name === "PortalError";
