import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Longest request body a demo service reads, in bytes. */
export const bodyBytesMax = 1 << 20;

/** Answers one request; a rejection becomes a 500 that names the error. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

/** Sends a JSON answer. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = `${JSON.stringify(body, undefined, 2)}\n`;
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
}

/** Reads a body up to `bodyBytesMax`. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > bodyBytesMax) {
      throw new RangeError(`body longer than ${bodyBytesMax} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Serves on 127.0.0.1; port 0 asks for a free one. */
export async function serve(port: number, handle: Handler): Promise<{ server: Server; port: number }> {
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    Promise.resolve()
      .then(() => handle(request, response))
      .catch((error: unknown) => {
        if (response.headersSent) {
          response.destroy();
        } else {
          sendJson(response, error instanceof RangeError ? 413 : 500, { error: String(error) });
        }
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return { server, port: (server.address() as AddressInfo).port };
}

/**
 * Ends the process on SIGTERM in good order: new connections are refused, answers under way are finished, idle
 * connections are closed; after `graceMs` whatever is left is cut.
 */
export function stopOnSignal(server: Server, { graceMs = 10_000 }: { graceMs?: number } = {}): void {
  const stop = (): void => {
    setTimeout(() => process.exit(0), graceMs).unref();
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}
