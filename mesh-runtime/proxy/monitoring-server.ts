import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { Running } from "../common/lifetime.ts";
import { keepNewest } from "../common/newest-connections.ts";

/** A small HTTP server beside the data path. */
export interface MonitoringServer extends Running {
  readonly port: number;
}

/** What is served at a path. */
export type Page = () => { readonly status: number; readonly contentType: string; readonly body: string };

/** The readiness probe must always find room. */
const connectionsMax = 64;

/** Serves pages for GET; anything else is 404 or 405. Rejects when the address cannot be bound. */
export async function startMonitoringServer(
  host: string,
  port: number,
  pages: Readonly<Record<string, Page>>,
): Promise<MonitoringServer> {
  const handle: RequestListener = (request, response) => {
    const page = pages[(request.url ?? "").split("?")[0] ?? ""];
    const answer =
      page === undefined
        ? { status: 404, contentType: "text/plain", body: "not found\n" }
        : request.method === "GET" || request.method === "HEAD"
          ? page()
          : { status: 405, contentType: "text/plain", body: "only GET\n" };
    response.writeHead(answer.status, { "content-type": answer.contentType });
    response.end(request.method === "HEAD" ? "" : answer.body);
  };
  const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000, maxHeaderSize: 8_192 }, handle);
  keepNewest(server, connectionsMax);
  server.listen({ host, port });
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
