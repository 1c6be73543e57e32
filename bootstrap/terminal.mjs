// Plain JavaScript for any Node ≥ 18: this runs before anything is installed.

const json = process.argv.includes("--json");

/** One line of progress on stderr; silent under `--json`, whose stdout and stderr belong to machines. */
export function progress(text) {
  if (!json) {
    process.stderr.write(`${text}\n`);
  }
}

/** Ends the process with what happened and what to do. */
export function fail(message, remedy) {
  process.stderr.write(json ? `${JSON.stringify({ event: "fatal", message, remedy })}\n` : `\n${message}\n${remedy}\n`);
  process.exit(1);
}

/** `12.3 s` since `start` (milliseconds). */
export function since(start) {
  return `${((Date.now() - start) / 1000).toFixed(1)} s`;
}
