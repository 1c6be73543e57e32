import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { Log } from "../../common/log.ts";
import { ApiError, errors } from "../api-error.ts";
import type { ServingCertificate } from "../bootstrap/serving-certificate.ts";
import { refuseUpgrade } from "../pods/node-socket.ts";
import { type Answer, errorAnswer, respond } from "./respond.ts";

export interface ListenerOptions {
  readonly certificate: ServingCertificate;
  readonly log: Log;
  /** Answers a request; undefined when it streamed the answer itself. */
  readonly answer: (request: IncomingMessage, response: ServerResponse) => Promise<Answer | undefined>;
  /** Takes a connection over (WebSocket). Throws `ApiError` to refuse. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

const connectionsMax = 2_000;
const headerBytesMax = 32 << 10;
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 60_000;
/** Longer than clients keep idle connections, so that they close first. */
const keepAliveTimeoutMs = 95_000;

/** The HTTPS server; it does not listen yet. */
export function createListener({ certificate, log, answer, upgrade }: ListenerOptions): Server {
  const server = createServer(
    {
      key: certificate.key,
      cert: certificate.certificate,
      minVersion: "TLSv1.2",
      ALPNProtocols: ["http/1.1"],
      maxHeaderSize: headerBytesMax,
      requestTimeout: requestTimeoutMs,
      headersTimeout: headersTimeoutMs,
      keepAliveTimeout: keepAliveTimeoutMs,
      handshakeTimeout: 10_000,
      noDelay: true,
    },
    (request, response) => {
      void serve(request, response);
    },
  );
  server.maxConnections = connectionsMax;

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.on("error", () => undefined);
    const startedAt = performance.now();
    response.on("close", () => {
      log.debug("request", {
        method: request.method,
        path: request.url?.split("?")[0],
        code: response.statusCode,
        ms: Math.round(performance.now() - startedAt),
      });
    });
    try {
      const result = await answer(request, response);
      if (result !== undefined) {
        respond(response, keepable(request, result));
      }
    } catch (error) {
      const refusal = errorAnswer(error, []) ?? unexpected(error, request);
      if (response.headersSent) {
        response.destroy();
      } else {
        respond(response, keepable(request, refusal));
      }
    } finally {
      request.resume();
    }
  };
  const unexpected = (error: unknown, request: IncomingMessage): Answer => {
    log.error("a request failed unexpectedly", {
      method: request.method,
      path: request.url?.split("?")[0],
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    const { status } = errors.internal();
    return { code: status.code, body: JSON.stringify(status) };
  };

  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    try {
      upgrade(request, socket, head);
    } catch (error) {
      if (!(error instanceof ApiError)) {
        unexpected(error, request);
      }
      refuseUpgrade(socket, error instanceof ApiError ? error : errors.internal());
    }
  });
  server.on("clientError", ({ code }: NodeJS.ErrnoException, socket: Duplex) => {
    const line =
      code === "HPE_HEADER_OVERFLOW"
        ? "431 Request Header Fields Too Large"
        : code === "ERR_HTTP_REQUEST_TIMEOUT"
          ? "408 Request Timeout"
          : "400 Bad Request";
    if (socket.writable) {
      socket.end(`HTTP/1.1 ${line}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    } else {
      socket.destroy();
    }
  });
  return server;
}

/** A body that was not read to its end leaves the connection unusable for another request. */
const keepable = (request: IncomingMessage, answer: Answer): Answer =>
  request.complete ? answer : { ...answer, headers: { ...answer.headers, connection: "close" } };

/** Listens. Rejects when the address is taken. */
export function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve(server.address() as AddressInfo);
    });
  });
}

/** Stops listening, gives running requests `graceMs`, then closes what is left. */
export function closeListener(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}
