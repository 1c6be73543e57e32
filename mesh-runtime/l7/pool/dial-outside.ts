import { connect, isIP, type LookupFunction, type Socket } from "node:net";
import { connected } from "./connected.ts";
import { OutsideResolver } from "./outside-resolver.ts";
import { UpstreamError } from "./upstream-error.ts";

/** Opens a connection to a place outside within a time; `address` may be a name. Rejects with an UpstreamError. */
export type OutsideDial = (
  place: { readonly address: string; readonly port: number },
  timeoutMs: number,
) => Promise<Socket>;

/**
 * Dials destinations outside of the mesh over TCP. An address that a ServiceEntry names is dialled whatever it is, unless
 * it `isInside`: what is in the mesh is called as what it is, past no policy. Of a name only addresses that may be somebody's outside, and those that were looked at are the ones that are dialled.
 */
export function createOutsideDial(
  resolver: OutsideResolver = new OutsideResolver(),
  isInside: (address: string) => boolean = () => false,
): OutsideDial {
  return async ({ address, port }, timeoutMs) => {
    if (isInside(address)) {
      throw new UpstreamError("connect", `${address} is in the mesh, not outside`);
    }
    const known = isIP(address) === 0 ? await within(resolver.addresses(address), address, timeoutMs) : undefined;
    const socket = connect({
      host: address,
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 30_000,
      allowHalfOpen: true,
      autoSelectFamily: true,
      ...(known === undefined ? {} : { lookup: answering(known) }),
    });
    return await connected(socket, { address, port }, timeoutMs);
  };
}

/** A lookup that gives what was resolved and looked at before. */
const answering =
  (addresses: Awaited<ReturnType<OutsideResolver["addresses"]>>): LookupFunction =>
  (_host, { all }, callback) => {
    const [first] = addresses;
    if (all === true) {
      callback(null, [...addresses]);
    } else {
      callback(null, first?.address ?? "", first?.family ?? 4);
    }
  };

async function within<T>(work: Promise<T>, address: string, timeoutMs: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new UpstreamError("connect", `${address}: not resolved within ${timeoutMs} ms`)),
    timeoutMs,
  );
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
