/** Why the embedded PostgreSQL could not be had. */
export type PostgresErrorCode =
  /** The npm package with the binaries is missing for this platform. */
  | "unsupported-platform"
  /** `initdb` failed. */
  | "initialization-failed"
  /** The server did not answer in time, or ended at once. */
  | "start-failed"
  /** A server of an earlier start holds the data and did not end. */
  | "orphan-stays";

const nextStep: Record<PostgresErrorCode, string> = {
  "unsupported-platform": "Set DATABASE_URL to a PostgreSQL server of your own (15 or newer).",
  "initialization-failed": "Check that the disk has room and that the home is writable, then start again.",
  "start-failed": "Look into the log; `npm start -- --reset` begins with an empty database.",
  "orphan-stays": "End that PostgreSQL process by hand, then start again.",
};

export class PostgresError extends Error {
  override readonly name = "PostgresError";
  readonly code: PostgresErrorCode;
  /** For the person at the terminal, with the next step. */
  readonly userMessage: string;

  constructor(code: PostgresErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.userMessage = `${message}. ${nextStep[code]}`;
  }
}
