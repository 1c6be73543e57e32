/**
 * What every long-running process of Towpath tells its parent: JSON lines on stdout.
 * `listen` once per bound address, `ready` once when the process does its job, `fatal` before it gives up.
 */
export type ProcessEvent =
  | { readonly event: "listen"; readonly name: string; readonly address: string; readonly port: number }
  | { readonly event: "ready" }
  | { readonly event: "fatal"; readonly code: string; readonly message: string; readonly remedy?: string };

// A supervisor that died must not take us with it before we have ended in good order.
process.stdout.on("error", () => {});

/** Writes one event to stdout. */
export function emitProcessEvent(event: ProcessEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/** Parses a line of a child's stdout; `undefined` when it is no event. */
export function parseProcessEvent(line: string): ProcessEvent | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && "event" in value ? (value as ProcessEvent) : undefined;
  } catch {
    return undefined;
  }
}
