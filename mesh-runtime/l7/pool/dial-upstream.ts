import { connect } from "node:net";
import type { Duplex } from "node:stream";
import type { HbonePool } from "../../hbone/pool.ts";
import type { WorkloadIdentity } from "../../identity/spiffe-id.ts";
import type { Endpoint } from "../mesh-view.ts";
import { connected } from "./connected.ts";
import { createOutsideDial, type OutsideDial } from "./dial-outside.ts";
import { dialFailure, UpstreamError } from "./upstream-error.ts";

/** Opens a stream to an endpoint within a time. Rejects with an UpstreamError. */
export type Dial = (endpoint: Endpoint, timeoutMs: number) => Promise<Duplex>;

export interface DialOptions {
  readonly hbone: Pick<HbonePool, "connect">;
  /** This proxy's identity and address. */
  readonly identity: WorkloadIdentity;
  readonly localAddress: string;
  /** For endpoints outside of the mesh. */
  readonly outside?: OutsideDial;
}

/** Dials over HBONE where the destination takes it, in plain text otherwise. */
export function createDial({ hbone, identity, localAddress, outside = createOutsideDial() }: DialOptions): Dial {
  return async (endpoint, timeoutMs) => {
    if (endpoint.outside === true) {
      return await outside(endpoint, timeoutMs);
    }
    if (!endpoint.hbone) {
      return await dialPlain(endpoint, localAddress, timeoutMs);
    }
    const { address, port, target } = endpoint;
    // A waypoint's endpoint names its HBONE port; pods have theirs on the usual one.
    const direct = target === `${address}:${port}` || target === `[${address}]:${port}`;
    const tunnel = hbone.connect({
      source: identity,
      localAddress,
      destination: { address, identity: endpoint.identity, ...(direct ? {} : { port }) },
      target,
    });
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => late.reject(new UpstreamError("connect", `${endpoint.key}: no tunnel within ${timeoutMs} ms`)),
      timeoutMs,
    );
    try {
      return (await Promise.race([tunnel, late.promise])).stream;
    } catch (error) {
      // Should it still come, nobody needs it.
      tunnel.then(
        ({ stream }) => stream.destroy(),
        () => undefined,
      );
      throw dialFailure(error);
    } finally {
      clearTimeout(timer);
    }
  };
}

function dialPlain(endpoint: Endpoint, localAddress: string, timeoutMs: number): Promise<Duplex> {
  const { address, port } = endpoint;
  const socket = connect({ host: address, port, localAddress, noDelay: true, keepAlive: true, allowHalfOpen: true });
  return connected(socket, endpoint, timeoutMs);
}
