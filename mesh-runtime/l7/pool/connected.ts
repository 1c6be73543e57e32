import type { Socket } from "node:net";
import { dialFailure, UpstreamError } from "./upstream-error.ts";

/** The socket once it stands. Rejects with an UpstreamError when it fails or takes longer; then it is destroyed. */
export function connected(
  socket: Socket,
  { address, port }: { readonly address: string; readonly port: number },
  timeoutMs: number,
): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const fail = (error: Error): void => {
    clearTimeout(timer);
    socket.destroy();
    reject(dialFailure(error));
  };
  const timer = setTimeout(
    () => fail(new UpstreamError("connect", `${address}:${port}: no connection within ${timeoutMs} ms`)),
    timeoutMs,
  );
  socket.once("error", fail);
  socket.once("connect", () => {
    clearTimeout(timer);
    socket.off("error", fail);
    resolve(socket);
  });
  return promise;
}
