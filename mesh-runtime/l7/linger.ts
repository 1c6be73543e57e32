import type { Socket } from "node:net";

/**
 * Closes a connection in good order: ends our side, reads on for a while, then lets go. A close at once would reset the
 * connection and could take the answer from a client that is still sending (RFC 9112 §9.6).
 */
export function lingeringClose(socket: Socket, lingerMs: number): void {
  socket.end();
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), lingerMs).unref();
  socket.once("end", () => socket.destroy());
  socket.once("close", () => clearTimeout(timer));
}
