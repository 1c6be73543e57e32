import type { Duplex } from "node:stream";

/**
 * Closes a connection in good order: ends our side, reads on for a while, then lets go. A close at once would reset the
 * connection and could take the answer from a client that is still sending (RFC 9112 §9.6).
 */
export function lingeringClose(stream: Duplex, lingerMs: number): void {
  if (!stream.writableEnded) {
    stream.end();
  }
  if (stream.readableEnded) {
    stream.once("finish", () => stream.destroy());
  }
  stream.resume();
  const timer = setTimeout(() => stream.destroy(), lingerMs).unref();
  stream.once("end", () =>
    stream.writableFinished ? stream.destroy() : stream.once("finish", () => stream.destroy()),
  );
  stream.once("close", () => clearTimeout(timer));
}
