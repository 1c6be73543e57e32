import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface MonitoringOptions {
  readonly address: string;
  readonly port: number;
  readonly ready: () => boolean;
  readonly syncz: () => unknown;
  readonly metrics: () => string;
}

export interface RunningMonitoring {
  readonly port: number;
  close(): Promise<void>;
}

/** `/ready`, `/metrics` and `/debug/syncz` on the mesh's own address. Read-only. */
export async function startMonitoringServer(options: MonitoringOptions): Promise<RunningMonitoring> {
  const server: Server = createServer((request, response) => {
    const answer = (status: number, type: string, body: string): void => {
      response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(body);
    };
    if (request.method !== "GET" && request.method !== "HEAD") {
      answer(405, "text/plain", "only GET\n");
      return;
    }
    switch (new URL(request.url ?? "/", "http://control-plane").pathname) {
      case "/ready":
        answer(options.ready() ? 200 : 503, "text/plain", options.ready() ? "ready\n" : "not ready\n");
        return;
      case "/debug/syncz":
        answer(200, "application/json", `${JSON.stringify(options.syncz(), undefined, 2)}\n`);
        return;
      case "/metrics":
        answer(200, "text/plain; version=0.0.4; charset=utf-8", options.metrics());
        return;
      default:
        answer(404, "text/plain", "not found: try /ready, /metrics, /debug/syncz\n");
    }
  });
  server.requestTimeout = 10_000;
  server.maxConnections = 100;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.address, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
