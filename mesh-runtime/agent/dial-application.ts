import { connect, type Socket } from "node:net";

/** Dials the application on its private port. Rejects with the socket's error. */
export function dialApplication(port: number, timeoutMs = 5_000): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true, noDelay: true });
  const timer = setTimeout(() => {
    socket.destroy();
    reject(new Error(`no connection to 127.0.0.1:${port} within ${timeoutMs} ms`));
  }, timeoutMs);
  socket.on("error", (error) => {
    clearTimeout(timer);
    reject(error);
  });
  socket.once("connect", () => {
    clearTimeout(timer);
    resolve(socket);
  });
  return promise;
}
