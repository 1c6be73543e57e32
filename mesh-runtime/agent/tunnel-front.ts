import type { Socket } from "node:net";
import { abort, splice } from "../hbone/splice.ts";
import type { Dialed, Dialer, Target } from "./dialer.ts";
import { linger } from "./linger.ts";
import type { LocalPod } from "./local-pod.ts";
import { type UpstreamError, upstreamError } from "./upstream-error.ts";

/** A client that asked for raw bytes to a destination, by CONNECT or SOCKS5. */
export interface TunnelCall {
  readonly client: Socket;
  readonly host: string;
  readonly port: number;
  /** What the client sent already. */
  readonly first: readonly Buffer[];
  /** The reply in the client's protocol. */
  succeeded(): Buffer | string;
  failed(error: UpstreamError): Buffer | string;
}

export interface TunnelObserver {
  opened(dialed: Dialed): void;
  /** Bytes towards and from the destination. */
  bytes(sent: number, received: number): void;
  closed(clean: boolean): void;
  failed(target: Target | undefined, error: UpstreamError): void;
}

/** Carries out a call: dials, replies, joins both. */
export async function runTunnel(
  pod: LocalPod,
  dialer: Dialer,
  call: TunnelCall,
  observer: TunnelObserver,
): Promise<void> {
  const { client, host, port } = call;
  let target: Target | undefined;
  let dialed: Dialed;
  try {
    target = dialer.choose(pod, host, port);
    dialed = await dialer.dial(pod, target, host, port);
  } catch (cause) {
    const error = upstreamError(cause);
    observer.failed(target, error);
    linger(client, call.failed(error));
    return;
  }
  if (client.destroyed) {
    dialed.stream.on("error", () => undefined);
    abort(dialed.stream);
    return;
  }
  const release = dialer.count(dialed.target);
  observer.opened(dialed);
  let sent = 0;
  client.write(call.succeeded());
  for (const chunk of call.first) {
    sent += chunk.length;
    dialed.stream.write(chunk);
  }
  observer.bytes(sent, 0);
  splice(client, dialed.stream, {
    onSent: (bytes) => observer.bytes(bytes, 0),
    onReceived: (bytes) => observer.bytes(0, bytes),
    onClosed: (clean) => {
      release();
      observer.closed(clean);
    },
  });
  client.resume();
}
