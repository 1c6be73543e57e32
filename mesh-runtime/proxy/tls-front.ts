import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { clientHelloMax, readClientHello } from "./client-hello.ts";
import type { SniTable } from "./sni-certificates.ts";

export interface TlsFrontOptions {
  /** Asked for each connection, so that a new configuration holds for the next one and leaves open ones alone. */
  readonly table: () => Pick<SniTable, "contextFor">;
  onSecure(socket: TLSSocket, serverName: string, alpn: "h2" | "http/1.1" | undefined): void;
  /** For the whole handshake. */
  readonly handshakeTimeoutMs?: number;
}

/** Fatal alerts in a record of TLS 1.2's form: `unrecognized_name` (RFC 6066 §3) and `decode_error` (RFC 8446 §6.2). */
const unrecognizedName = Buffer.from([21, 3, 3, 0, 2, 2, 112]);
const decodeError = Buffer.from([21, 3, 3, 0, 2, 2, 50]);
const defaultTimeoutMs = 10_000;

/**
 * Terminates TLS by server name. The ClientHello is read before OpenSSL sees it, because only then can a name that
 * nobody serves be refused with the alert that says so.
 */
export function terminateTls(socket: Socket, options: TlsFrontOptions): void {
  socket.on("error", () => undefined);
  const timer = setTimeout(() => socket.destroy(), options.handshakeTimeoutMs ?? defaultTimeoutMs).unref();
  socket.once("close", () => clearTimeout(timer));
  let data: Buffer = Buffer.alloc(0);
  const onData = (chunk: Buffer): void => {
    data = data.length === 0 ? chunk : Buffer.concat([data, chunk]);
    const hello = readClientHello(data);
    if (hello.kind === "incomplete" && data.length <= clientHelloMax) {
      return;
    }
    socket.off("data", onData);
    socket.pause();
    if (hello.kind !== "hello") {
      socket.end(decodeError, () => socket.destroy());
      return;
    }
    const context = options.table().contextFor(hello.serverName);
    if (context === undefined) {
      socket.end(unrecognizedName, () => socket.destroy());
      return;
    }
    socket.unshift(data);
    const secure = new TLSSocket(socket, {
      isServer: true,
      secureContext: context,
      ALPNProtocols: ["h2", "http/1.1"],
    });
    secure.on("error", () => undefined);
    secure.once("secure", () => {
      clearTimeout(timer);
      // What we read must be what OpenSSL read: policy goes by this name.
      if ((secure.servername || "").toLowerCase() !== hello.serverName) {
        secure.destroy();
        return;
      }
      // Only `tls.Server` says so of the sockets that it makes itself; HTTP/2 would wait for it for ever.
      (secure as { secureConnecting?: boolean }).secureConnecting = false;
      const { alpnProtocol } = secure;
      const alpn = alpnProtocol === "h2" || alpnProtocol === "http/1.1" ? alpnProtocol : undefined;
      options.onSecure(secure, hello.serverName, alpn);
    });
  };
  socket.on("data", onData);
}
