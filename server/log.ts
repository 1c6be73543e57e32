import process from "node:process";

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;
type Level = "debug" | "info" | "warn" | "error";
const rank: Record<Level, number> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Structured log: one JSON object a line on stderr; stdout carries process events only. Never pass secrets. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** A log of one part of the portal. The level comes from `TOWPATH_LOG_LEVEL` (default `info`). */
export function createLog(component: string): Log {
  const wanted = process.env["TOWPATH_LOG_LEVEL"];
  const threshold = rank[wanted !== undefined && wanted in rank ? (wanted as Level) : "info"];
  const write = (level: Level, message: string, fields: LogFields | undefined): void => {
    if (rank[level] >= threshold) {
      const line = { time: new Date().toISOString(), level, component: `portal/${component}`, message, ...fields };
      process.stderr.write(`${JSON.stringify(line)}\n`);
    }
  };
  return {
    debug: (message, fields) => write("debug", message, fields),
    info: (message, fields) => write("info", message, fields),
    warn: (message, fields) => write("warn", message, fields),
    error: (message, fields) => write("error", message, fields),
  };
}
