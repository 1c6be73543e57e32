import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect as connectHttp2,
  constants,
  type OutgoingHttpHeaders,
} from "node:http2";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { Certificate } from "../identity/certificate-request.ts";
import { PeerCertificateError, type VerifiedPeer, verifyPeer } from "../identity/peer-certificate.ts";
import { dialError, HboneError } from "./errors.ts";
import { flowControl } from "./flow-control.ts";
import { honestEnd } from "./honest-end.ts";
import { hboneTls, secureContextOf } from "./secure-context.ts";

export interface DialRequest {
  readonly certificate: Certificate;
  readonly address: string;
  readonly port: number;
  /** Who must answer. */
  readonly expectedSpiffeId: string;
  readonly trustDomain: string;
  /** The caller's own address, so that the peer sees which pod calls. */
  readonly localAddress: string | undefined;
  readonly timeoutMs: number;
}

/** A verified connection, before HTTP/2. */
interface DialedSocket {
  readonly socket: TLSSocket;
  readonly peer: VerifiedPeer;
}

/** Dials and verifies: chain, validity, trust domain, expected identity. */
export function dialTls(request: DialRequest): Promise<DialedSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<DialedSocket>();
  const target = `${request.address}:${request.port}`;
  const socket = connectTls({
    host: request.address,
    port: request.port,
    ...(request.localAddress === undefined ? {} : { localAddress: request.localAddress }),
    secureContext: secureContextOf(request.certificate),
    ALPNProtocols: [...hboneTls.ALPNProtocols],
    minVersion: hboneTls.minVersion,
    maxVersion: hboneTls.maxVersion,
    rejectUnauthorized: true,
    // Identities are URIs, not host names; `expectedPeer` compares them.
    checkServerIdentity: () => undefined,
  });
  const fail = (error: HboneError): void => {
    clearTimeout(timer);
    socket.destroy();
    reject(error);
  };
  const onError = (error: Error): void => fail(dialError(error, target));
  const onClose = (): void => fail(new HboneError("reset", `${target}: closed before TLS stood`));
  const timer = setTimeout(
    () => fail(new HboneError("connect-timeout", `${target}: no TLS connection within ${request.timeoutMs} ms`)),
    request.timeoutMs,
  );
  socket.on("error", onError);
  socket.once("close", onClose);
  socket.once("secureConnect", () => {
    const peer = expectedPeer(socket, request, target);
    if (peer instanceof HboneError) {
      fail(peer);
      return;
    }
    clearTimeout(timer);
    socket.off("error", onError);
    socket.off("close", onClose);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    resolve({ socket, peer });
  });
  return promise;
}

function expectedPeer(socket: TLSSocket, request: DialRequest, target: string): VerifiedPeer | HboneError {
  if (socket.alpnProtocol !== "h2") {
    return new HboneError("refused", `${target}: does not speak HTTP/2`);
  }
  let peer: VerifiedPeer;
  try {
    peer = verifyPeer(socket, request.trustDomain);
  } catch (cause) {
    const expired = cause instanceof PeerCertificateError && cause.code === "expired";
    return new HboneError(expired ? "tls-expired" : "tls-untrusted", `${target}: ${String(cause)}`, { cause });
  }
  if (peer.info.spiffeId !== request.expectedSpiffeId) {
    return new HboneError(
      "identity-mismatch",
      `${target}: expected ${request.expectedSpiffeId}, peer is ${peer.info.spiffeId}`,
    );
  }
  return peer;
}

/** One HTTP/2 connection to a peer. Owned by the pool. */
export class ClientConnection {
  readonly certificate: Certificate;
  readonly peer: VerifiedPeer;
  readonly tlsVersion: string;
  readonly cipher: string;
  readonly target: string;
  readonly #session: ClientHttp2Session;
  readonly #onIdle: () => void;
  /** Open streams and reservations. */
  #streams = 0;
  #draining = false;
  #failure: HboneError | undefined;

  constructor(dialed: DialedSocket, request: DialRequest, hooks: { onClosed: () => void; onIdle: () => void }) {
    this.certificate = request.certificate;
    this.peer = dialed.peer;
    this.target = `${request.address}:${request.port}`;
    this.#onIdle = hooks.onIdle;
    this.tlsVersion = dialed.socket.getProtocol() ?? "unknown";
    this.cipher = dialed.socket.getCipher().standardName;
    this.#session = connectHttp2(`https://${this.target}`, {
      createConnection: () => dialed.socket,
      settings: {
        enablePush: false,
        initialWindowSize: flowControl.streamWindowBytes,
        maxFrameSize: flowControl.frameBytesMax,
        maxHeaderListSize: flowControl.headerBytesMax,
      },
      maxSessionMemory: flowControl.sessionMemoryMb,
    });
    this.#session.on("connect", () => {
      if (!this.#session.destroyed) {
        this.#session.setLocalWindowSize(flowControl.sessionWindowBytes);
      }
    });
    this.#session.on("error", (error) => {
      this.#failure = dialError(error, this.target);
    });
    this.#session.on("goaway", () => {
      this.#draining = true;
    });
    this.#session.on("close", () => {
      this.#draining = true;
      hooks.onClosed();
    });
  }

  get streams(): number {
    return this.#streams;
  }

  get usable(): boolean {
    return !this.#draining && !this.#session.destroyed && !this.#session.closed;
  }

  /** Room for another stream, by our limit and the peer's. */
  hasRoom(streamsMax: number): boolean {
    const theirs = this.#session.remoteSettings?.maxConcurrentStreams ?? streamsMax;
    return this.usable && this.#streams < Math.min(streamsMax, theirs);
  }

  /** Takes a place; `open` uses it. */
  reserve(): void {
    this.#streams += 1;
    this.#session.ref();
  }

  release(): void {
    this.#streams -= 1;
    if (this.#streams === 0) {
      this.#onIdle();
    }
  }

  /** Sends CONNECT on a reserved place and waits for the answer. Rejects with an HboneError; then the place is free. */
  open(authority: string, headers: Readonly<Record<string, string>>, timeoutMs: number): Promise<ClientHttp2Stream> {
    const { promise, resolve, reject } = Promise.withResolvers<ClientHttp2Stream>();
    let stream: ClientHttp2Stream;
    try {
      const request: OutgoingHttpHeaders = { ...headers, ":method": "CONNECT", ":authority": authority };
      stream = honestEnd(this.#session.request(request, { endStream: false }));
    } catch (error) {
      this.release();
      reject(this.#failure ?? dialError(error, this.target));
      return promise;
    }
    let settled = false;
    const fail = (error: HboneError): void => {
      if (!settled) {
        settled = true;
        clearTimeout(timer);
        stream.close(constants.NGHTTP2_CANCEL);
        reject(error);
      }
    };
    const timer = setTimeout(
      () => fail(new HboneError("connect-timeout", `${this.target}: no answer to CONNECT within ${timeoutMs} ms`)),
      timeoutMs,
    );
    stream.on("error", (error) => fail(this.#failure ?? dialError(error, this.target)));
    stream.once("close", () => {
      this.release();
      fail(this.#failure ?? new HboneError("reset", `${this.target}: stream closed before the answer`));
    });
    stream.once("response", (answer) => {
      if (settled) {
        return;
      }
      const status = answer[":status"] ?? 0;
      if (status !== 200) {
        fail(statusError(status, this.target, authority));
        return;
      }
      settled = true;
      clearTimeout(timer);
      resolve(stream);
    });
    return promise;
  }

  /** No new streams; closes when the open ones have ended. */
  drain(): void {
    this.#draining = true;
    if (!this.#session.destroyed && !this.#session.closed) {
      this.#session.close();
    }
  }

  destroy(): void {
    this.#draining = true;
    this.#session.destroy(undefined, constants.NGHTTP2_CANCEL);
  }
}

function statusError(status: number, target: string, authority: string): HboneError {
  const text = `${target}: CONNECT ${authority} answered ${status}`;
  if (status === 401 || status === 403) {
    return new HboneError("denied", text, { status });
  }
  return new HboneError(status === 503 || status === 504 ? "unreachable" : "refused", text, { status });
}
