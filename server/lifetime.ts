import { fstatSync } from "node:fs";
import process from "node:process";

const graceMs = 4_000;

/**
 * Ends this process in good order on SIGTERM, SIGINT, and when stdin ends, which is how a child notices that its
 * supervisor died without a word.
 */
export function closeWithParent(close: () => Promise<void>): void {
  let closing = false;
  const end = (): void => {
    if (closing) {
      return;
    }
    closing = true;
    setTimeout(() => process.exit(1), graceMs).unref();
    close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on("SIGTERM", end);
  process.on("SIGINT", end);
  if (stdinIsPipe()) {
    process.stdin.on("end", end);
    process.stdin.on("error", end);
    process.stdin.resume();
  }
}

function stdinIsPipe(): boolean {
  try {
    const stat = fstatSync(0);
    return stat.isFIFO() || stat.isSocket();
  } catch {
    return false;
  }
}
