import type { Server, Socket } from "node:net";

/**
 * Bounds a server's connections by giving the oldest up: with `maxConnections` the newest goes, and whoever holds
 * connections without asking anything keeps everybody else out.
 */
export function keepNewest(server: Server, connectionsMax: number): void {
  const connections = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
    for (const oldest of connections) {
      if (connections.size <= connectionsMax) {
        break;
      }
      connections.delete(oldest);
      oldest.destroy();
    }
  });
}
