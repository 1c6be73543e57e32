import { lookup } from "node:dns";
import { connect, type LookupFunction, type Socket } from "node:net";
import { isHostAddress } from "./choose-upstream.ts";
import { UpstreamError } from "./upstream-error.ts";

export interface PlainDial {
  readonly host: string;
  readonly port: number;
  /** The calling pod's address, so that the destination sees which pod calls. Not for the outside world. */
  readonly localAddress?: string;
  readonly timeoutMs: number;
}

/** Dials TCP. A name that resolves to this host itself is refused: no way around the mesh by DNS. */
export function dialPlain({ host, port, localAddress, timeoutMs }: PlainDial): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect({
    host,
    port,
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
    lookup: lookupOutside,
    autoSelectFamily: localAddress === undefined,
    ...(localAddress === undefined ? {} : { localAddress }),
  });
  const fail = (error: UpstreamError): void => {
    clearTimeout(timer);
    socket.destroy();
    reject(error);
  };
  const timer = setTimeout(
    () => fail(new UpstreamError("connect-timeout", `${host}:${port}: no connection within ${timeoutMs} ms`)),
    timeoutMs,
  );
  socket.on("error", (cause) =>
    fail(
      cause instanceof UpstreamError ? cause : new UpstreamError("connect-failed", `${host}:${port}: ${cause.message}`),
    ),
  );
  socket.once("connect", () => {
    clearTimeout(timer);
    resolve(socket);
  });
  return promise;
}

const lookupOutside: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    const forbidden = error === null && addresses.some(({ address }) => isHostAddress(address));
    const failure = forbidden
      ? new UpstreamError("forbidden-destination", `${hostname} resolves to this host`)
      : error === null && addresses.length > 0
        ? null
        : new UpstreamError("no-such-service", `${hostname}: ${error?.message ?? "no address"}`);
    const [first] = addresses ?? [];
    if (options.all === true) {
      callback(failure, addresses ?? []);
    } else {
      callback(failure, first?.address ?? "", first?.family);
    }
  });
};
