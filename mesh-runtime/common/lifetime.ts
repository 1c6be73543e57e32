import { fstatSync } from "node:fs";
import process from "node:process";

/** Something that runs until it is closed; closing twice is harmless. */
export interface Running {
  close(): Promise<void>;
}

/**
 * Ends this process in good order: on SIGTERM or SIGINT, and when stdin ends, which is how a child notices that its
 * supervisor died without a word (`kill -9`); a stdin that is no pipe is left alone. A second signal, or `graceMs` without an end, exits at once.
 */
export function closeWithParent(running: Running, { graceMs = 5_000 }: { graceMs?: number } = {}): void {
  let closing = false;
  const close = (): void => {
    if (closing) {
      return;
    }
    closing = true;
    setTimeout(() => process.exit(1), graceMs).unref();
    running.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on("SIGTERM", close);
  process.on("SIGINT", close);
  onParentGone(close);
}

/** Calls back when stdin ends: nobody writes to it, so the parent has died. A stdin that is no pipe says nothing. */
export function onParentGone(gone: () => void): void {
  if (stdinIsPipe()) {
    process.stdin.on("end", gone);
    process.stdin.on("error", gone);
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
