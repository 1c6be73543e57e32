/**
 * What can stop Towpath from starting.
 * - invalid-configuration: a flag or environment variable does not parse
 * - already-running: another supervisor owns this home
 * - port-taken: a port that a person chose is in use
 * - no-address-block: every block of the loopback range is claimed
 * - home-not-ours: `--reset` on a folder that Towpath did not make
 * - process-failed: a process could not be started
 */
export type SupervisorErrorCode =
  | "invalid-configuration"
  | "already-running"
  | "port-taken"
  | "no-address-block"
  | "home-not-ours"
  | "process-failed";

/** `message` for the log, `remedy` is what the person can do about it. */
export class SupervisorError extends Error {
  readonly code: SupervisorErrorCode;
  readonly remedy: string;

  constructor(code: SupervisorErrorCode, message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SupervisorError";
    this.code = code;
    this.remedy = remedy;
  }
}
