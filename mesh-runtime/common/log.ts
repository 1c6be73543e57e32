/** Structured log: one JSON object a line on stderr. stdout carries only process events (see `process-events.ts`). */

// A log that nobody reads any more is no reason to fail.
process.stderr.on("error", () => {});

export type LogLevel = "debug" | "info" | "warn" | "error";

const rank: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A log that adds fields to every line. */
  with(fields: LogFields): Log;
}

/**
 * Creates a log for one component. The level comes from `TOWPATH_LOG_LEVEL` (default `info`).
 * Never pass secrets: tokens, keys and cookies have no place in fields.
 */
export function createLog(component: string, base: LogFields = {}): Log {
  const level = process.env["TOWPATH_LOG_LEVEL"];
  const threshold = rank[level !== undefined && level in rank ? (level as LogLevel) : "info"];
  const write = (lineLevel: LogLevel, message: string, fields: LogFields | undefined): void => {
    if (rank[lineLevel] >= threshold) {
      process.stderr.write(
        `${JSON.stringify({ time: new Date().toISOString(), level: lineLevel, component, message, ...base, ...fields })}\n`,
      );
    }
  };
  return {
    debug: (message, fields) => write("debug", message, fields),
    info: (message, fields) => write("info", message, fields),
    warn: (message, fields) => write("warn", message, fields),
    error: (message, fields) => write("error", message, fields),
    with: (fields) => createLog(component, { ...base, ...fields }),
  };
}
