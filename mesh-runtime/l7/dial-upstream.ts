import { connect } from "node:net";
import type { Duplex } from "node:stream";
import type { HbonePool } from "../hbone/pool.ts";
import type { WorkloadIdentity } from "../identity/spiffe-id.ts";
import type { Endpoint } from "./mesh-view.ts";
import { dialFailure, UpstreamError } from "./upstream-error.ts";

/** Opens a stream to an endpoint. Rejects with an UpstreamError. */
export type Dial = (endpoint: Endpoint) => Promise<Duplex>;

export interface DialOptions {
  readonly hbone: Pick<HbonePool, "connect">;
  /** This proxy's identity and address. */
  readonly identity: WorkloadIdentity;
  readonly localAddress: string;
  readonly connectTimeoutMs: number;
}

/** Dials over HBONE where the destination takes it, in plain text otherwise. */
export function createDial({ hbone, identity, localAddress, connectTimeoutMs }: DialOptions): Dial {
  return async (endpoint) => {
    if (!endpoint.hbone) {
      return await dialPlain(endpoint, localAddress, connectTimeoutMs);
    }
    try {
      const { stream } = await hbone.connect({
        source: identity,
        localAddress,
        destination: { address: endpoint.address, identity: endpoint.identity },
        target: `${endpoint.address}:${endpoint.port}`,
      });
      return stream;
    } catch (error) {
      throw dialFailure(error);
    }
  };
}

function dialPlain(endpoint: Endpoint, localAddress: string, timeoutMs: number): Promise<Duplex> {
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
  const { address, port } = endpoint;
  const socket = connect({ host: address, port, localAddress, noDelay: true, keepAlive: true, allowHalfOpen: true });
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
