import type { Server } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

const attempts = 20;
const pauseMs = 100;

/**
 * Binds a server. An address that is still taken is tried again for two seconds: the agent before this one, or a pod
 * that had the address, may be on its way out.
 */
export async function bind(server: Server, host: string, port: number): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await listen(server, host, port);
      return;
    } catch (error) {
      if (!isAddressInUse(error) || attempt >= attempts) {
        throw error;
      }
      await delay(pauseMs, undefined, { ref: false });
    }
  }
}

export const isAddressInUse = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "code" in error && error.code === "EADDRINUSE";

function listen(server: Server, host: string, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onListening = (): void => {
    server.off("error", onError);
    // Later errors (out of descriptors) concern one connection, not the listener.
    server.on("error", () => undefined);
    resolve();
  };
  const onError = (error: Error): void => {
    server.off("listening", onListening);
    reject(error);
  };
  server.once("listening", onListening);
  server.once("error", onError);
  server.listen({ host, port, backlog: 1024 });
  return promise;
}
