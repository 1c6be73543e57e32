import type { Socket } from "node:net";

const lingerMs = 1_000;

/**
 * Ends our side and hears the other out for a moment: a socket that is closed with unread bytes resets, and the answer
 * that was just written would be lost.
 */
export function linger(socket: Socket, last?: Buffer | string): void {
  if (last === undefined) {
    socket.end();
  } else {
    socket.end(last, "latin1");
  }
  socket.removeAllListeners("data");
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once("close", () => clearTimeout(timer));
}
