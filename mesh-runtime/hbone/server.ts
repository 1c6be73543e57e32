import { constants, performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createServer, type TLSSocket, type TlsOptions } from "node:tls";
import type { Certificate } from "../identity/certificate-request.ts";
import {
  type CertificateInfo,
  PeerCertificateError,
  type VerifiedPeer,
  verifyPeer,
} from "../identity/peer-certificate.ts";
import { formatPrincipal } from "../identity/spiffe-id.ts";
import { isExpiryCode } from "./errors.ts";
import { flowControl } from "./flow-control.ts";
import { honestEnd } from "./honest-end.ts";
import { credentialsOf, hboneTls } from "./secure-context.ts";
import { abort } from "./splice.ts";

/** Why a connection was refused before its first request. */
export type TlsRefusal = "certificate-expired" | "certificate-untrusted" | "certificate-invalid";

/** A verified connection from a peer; verified once, all its tunnels carry its identity. */
export interface InboundConnection {
  readonly peer: VerifiedPeer;
  /** The peer's identity without its scheme, as AuthorizationPolicies name it. */
  readonly principal: string;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** The serial of the certificate that we showed. */
  readonly ourSerial: string;
  /** The certificate that we showed, without its key. */
  readonly ours: CertificateInfo;
  readonly tlsVersion: string;
  readonly cipher: string;
}

/** A CONNECT that waits for its answer: exactly one of `accept` and `refuse` must follow. */
export interface InboundTunnel {
  readonly connection: InboundConnection;
  /** Parsed `:authority`. */
  readonly host: string;
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Answers 200. */
  accept(): Duplex;
  refuse(status: number): void;
  /** Calls back when the peer gave up before the answer. */
  onAbandoned(listener: () => void): void;
}

export interface HboneServerOptions {
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  readonly certificate: Certificate;
  readonly trustDomain: string;
  /** Connections of all peers together, without those whose handshake is not through. */
  readonly connectionsMax?: number;
  readonly handshakeTimeoutMs?: number;
  /** Several processes listen on the same address; the kernel spreads connections (SO_REUSEPORT). */
  readonly reusePort?: boolean;
  /** Asked for each verified connection; `false` ends it (a limit is reached). Default: all are taken. */
  admits?(connection: InboundConnection): boolean;
  /** A connection that was taken has ended. */
  onDisconnected?(connection: InboundConnection): void;
  onTunnel(tunnel: InboundTunnel): void;
  onRefused(refusal: {
    readonly reason: TlsRefusal;
    readonly detail: string;
    readonly remoteAddress: string;
    readonly remotePort: number;
  }): void;
}

export interface HboneServer {
  readonly address: string;
  readonly port: number;
  /** Uses the certificate for new connections; open ones stay. */
  replaceCertificate(certificate: Certificate): void;
  /** Ends connections whose peer matches. */
  disconnect(matches: (connection: InboundConnection) => boolean): void;
  readonly openConnections: number;
  connections(): Iterable<InboundConnection>;
  /** Sends GOAWAY to one connection: its tunnels may finish, the peer dials anew for others. */
  retire(connection: InboundConnection): void;
  /** Stops listening at once and lets open tunnels finish; resolves when the last has. */
  drain(): Promise<void>;
  /** Stops listening at once, ends all connections. */
  close(): Promise<void>;
}

/** Listens for HBONE: mutual TLS 1.3, HTTP/2, CONNECT only. Resolves when bound. */
export function startHboneServer(options: HboneServerOptions): Promise<HboneServer> {
  let certificate = options.certificate;
  const { ciphers, minVersion, maxVersion } = hboneTls;
  const tlsOptions = (): TlsOptions => ({ ...credentialsOf(certificate), ciphers, minVersion, maxVersion });
  const sessions = new Map<ServerHttp2Session, InboundConnection>();
  const server = createServer({
    ...tlsOptions(),
    ALPNProtocols: [...hboneTls.ALPNProtocols],
    requestCert: true,
    // Decided in `admit`, which learns the reason; Node would hang up without telling it.
    rejectUnauthorized: false,
    handshakeTimeout: options.handshakeTimeoutMs ?? 10_000,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
  });
  server.maxConnections = (options.connectionsMax ?? 10_000) + handshakesMax;
  const handshakes = new Map<string, Socket>();
  server.on("connection", (socket: Socket) => {
    const from = endOf(socket);
    handshakes.set(from, socket);
    socket.once("close", () => handshakes.delete(from));
    if (handshakes.size > handshakesMax) {
      for (const oldest of handshakes.values()) {
        oldest.destroy();
        break;
      }
    }
  });
  server.on("tlsClientError", (error, socket) => {
    socket.on("error", () => undefined);
    socket.destroy();
    const code = "code" in error && typeof error.code === "string" ? error.code : "";
    if (code !== "ECONNRESET") {
      refuse("certificate-invalid", code === "" ? error.message : code, socket);
    }
  });

  function refuse(reason: TlsRefusal, detail: string, socket: TLSSocket): void {
    options.onRefused({
      reason,
      detail,
      remoteAddress: socket.remoteAddress ?? "",
      remotePort: socket.remotePort ?? 0,
    });
  }

  server.on("secureConnection", (socket) => {
    socket.on("error", () => undefined);
    handshakes.delete(endOf(socket));
    const admitted = admit(socket, options.trustDomain);
    if ("reason" in admitted) {
      refuse(admitted.reason, admitted.detail, socket);
      socket.destroy();
      return;
    }
    const connection: InboundConnection = {
      peer: admitted,
      principal: formatPrincipal(admitted.identity),
      remoteAddress: socket.remoteAddress ?? "",
      remotePort: socket.remotePort ?? 0,
      ourSerial: certificate.info.serial,
      ours: certificate.info,
      tlsVersion: socket.getProtocol() ?? "",
      cipher: socket.getCipher().name,
    };
    if (options.admits?.(connection) === false) {
      socket.destroy();
      return;
    }
    serve(socket, connection);
  });

  function serve(socket: TLSSocket, connection: InboundConnection): void {
    const session = performServerHandshake(socket, {
      settings: {
        enablePush: false,
        initialWindowSize: flowControl.streamWindowBytes,
        maxConcurrentStreams: flowControl.streamsMax,
        maxFrameSize: flowControl.frameBytesMax,
        maxHeaderListSize: flowControl.headerBytesMax,
      },
      maxSessionMemory: flowControl.sessionMemoryMb,
    });
    session.setLocalWindowSize(flowControl.sessionWindowBytes);
    sessions.set(session, connection);
    session.on("error", () => undefined);
    session.on("close", () => {
      sessions.delete(session);
      options.onDisconnected?.(connection);
    });
    session.on("stream", (stream, headers) => {
      stream.on("error", () => undefined);
      const status = refusalOf(connection, headers);
      if (status !== undefined) {
        answer(stream, status, true);
        return;
      }
      const authority = parseAuthority(String(headers[":authority"] ?? ""));
      if (authority === undefined) {
        answer(stream, 400, true);
        return;
      }
      options.onTunnel(tunnelOf(stream, connection, authority, headers));
    });
  }

  const stopListening = (): Promise<void> => {
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    server.close(() => end());
    return ended;
  };

  const { promise, resolve, reject } = Promise.withResolvers<HboneServer>();
  server.once("error", reject);
  server.listen(
    { host: options.host, port: options.port, backlog: 1024, reusePort: options.reusePort === true },
    () => {
      server.off("error", reject);
      server.on("error", () => undefined);
      const bound = server.address() as AddressInfo;
      resolve({
        address: bound.address,
        port: bound.port,
        replaceCertificate: (next) => {
          certificate = next;
          server.setSecureContext(tlsOptions());
        },
        disconnect: (matches) => {
          for (const [session, connection] of sessions) {
            if (matches(connection)) {
              session.destroy(undefined, constants.NGHTTP2_CANCEL);
            }
          }
        },
        get openConnections() {
          return sessions.size;
        },
        connections: () => sessions.values(),
        retire: (connection) => {
          for (const [session, candidate] of sessions) {
            if (candidate === connection) {
              session.close();
            }
          }
        },
        drain: () => {
          const ended = stopListening();
          for (const session of sessions.keys()) {
            session.close();
          }
          return ended;
        },
        close: () => {
          const ended = stopListening();
          for (const session of sessions.keys()) {
            session.destroy(undefined, constants.NGHTTP2_CANCEL);
          }
          return ended;
        },
      });
    },
  );
  return promise;
}

/**
 * Handshakes that are not through. Beyond them the oldest is given up: whoever has no certificate may open connections and
 * say nothing, and would keep everybody else out, if it were the newest that had to go.
 */
const handshakesMax = 512;

const endOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress}:${remotePort}`;

/** How long a refused stream may stay half open. */
const refusedStreamMs = 2_000;

/** Decides on a finished handshake: chain and validity (OpenSSL's verdict), then the identity. */
function admit(
  socket: TLSSocket,
  trustDomain: string,
): VerifiedPeer | { readonly reason: TlsRefusal; readonly detail: string } {
  let peer: VerifiedPeer;
  try {
    peer = verifyPeer(socket, trustDomain);
  } catch (error) {
    return { reason: refusalReason(error, String(socket.authorizationError)), detail: String(error) };
  }
  // Node lets a client without ALPN through.
  return socket.alpnProtocol === "h2" ? peer : { reason: "certificate-invalid", detail: "the peer speaks no HTTP/2" };
}

function refusalReason(error: unknown, verdict: string): TlsRefusal {
  const code = error instanceof PeerCertificateError ? error.code : "malformed";
  if (code === "expired" || (code === "untrusted" && isExpiryCode(verdict))) {
    return "certificate-expired";
  }
  return code === "untrusted" || code === "trust-domain" ? "certificate-untrusted" : "certificate-invalid";
}

function refusalOf(connection: InboundConnection, headers: NodeJS.Dict<string | string[]>): number | undefined {
  if (connection.peer.info.notAfterUnixMs <= Date.now()) {
    // The certificate ran out while the connection was open: no new tunnels on its word.
    return 401;
  }
  return headers[":method"] === "CONNECT" ? undefined : 400;
}

/** `<IPv4>:<port>` or `<name>:<port>`; the owner of the server decides what it serves. */
export function parseAuthority(authority: string): { readonly host: string; readonly port: number } | undefined {
  const match = /^([A-Za-z0-9.-]{1,253}|\[[0-9a-fA-F:.]{2,45}\]):([1-9][0-9]{0,4})$/.exec(authority);
  const port = Number(match?.[2]);
  return match?.[1] === undefined || port > 65_535 ? undefined : { host: match[1].replace(/^\[|\]$/g, ""), port };
}

function answer(stream: ServerHttp2Stream, status: number, endStream: boolean): void {
  if (stream.destroyed || stream.closed || stream.headersSent) {
    return;
  }
  stream.respond({ ":status": status }, { endStream });
  if (endStream) {
    // What the peer still sends is of no use. It has the answer and will end its side; if not, we do.
    stream.resume();
    stream.setTimeout(refusedStreamMs, () => stream.close(constants.NGHTTP2_CANCEL));
  }
}

function tunnelOf(
  stream: ServerHttp2Stream,
  connection: InboundConnection,
  authority: { readonly host: string; readonly port: number },
  rawHeaders: NodeJS.Dict<string | string[]>,
): InboundTunnel {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(rawHeaders)) {
    if (!name.startsWith(":") && value !== undefined) {
      headers[name] = String(value);
    }
  }
  return {
    connection,
    ...authority,
    headers,
    accept: () => {
      if (stream.destroyed || stream.closed) {
        abort(stream);
      } else {
        answer(stream, 200, false);
      }
      return honestEnd(stream);
    },
    refuse: (status) => answer(stream, status, true),
    onAbandoned: (listener) => void stream.once("close", listener),
  };
}
