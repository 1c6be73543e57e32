import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { keepNewest } from "../common/newest-connections.ts";
import { ports } from "../common/ports.ts";

export interface AdminPages {
  /** What the agent holds, without secrets. */
  configDump(): object;
  metrics(): string;
  ready(): boolean;
}

export interface AdminServers {
  close(): void;
}

/**
 * The node's own pages, at ztunnel's ports: 15000 `/config_dump`, 15020 `/metrics` and `/stats/prometheus`, 15021
 * `/healthz/ready`. They bind the node's loopback address only.
 */
export async function startAdmin(address: string, pages: AdminPages): Promise<AdminServers> {
  const metrics = (): Page => ({ type: "text/plain; version=0.0.4; charset=utf-8", text: pages.metrics() });
  const servers = await Promise.all([
    serve(address, ports.admin, {
      "/config_dump": () => ({ type: "application/json", text: JSON.stringify(pages.configDump(), null, 2) }),
    }),
    serve(address, ports.metrics, { "/metrics": metrics, "/stats/prometheus": metrics }),
    serve(address, ports.readiness, {
      "/healthz/ready": () =>
        pages.ready()
          ? { type: "text/plain", text: "ready\n" }
          : { type: "text/plain", text: "not ready\n", status: 503 },
    }),
  ]);
  return {
    close: () => {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

interface Page {
  readonly type: string;
  readonly text: string;
  readonly status?: number;
}

async function serve(host: string, port: number, pages: Readonly<Record<string, () => Page>>): Promise<Server> {
  const server = createServer({ maxHeaderSize: 16 << 10, requestTimeout: 10_000 }, (request, response) => {
    const page = pages[(request.url ?? "").split("?")[0] ?? ""];
    if (page === undefined || (request.method !== "GET" && request.method !== "HEAD")) {
      response.writeHead(page === undefined ? 404 : 405).end();
      return;
    }
    const { type, text, status = 200 } = page();
    response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(text);
  });
  keepNewest(server, 64);
  server.listen({ host, port });
  await once(server, "listening");
  return server;
}
