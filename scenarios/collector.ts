import { createServer, type Server } from "node:http";
import { decodeLogs, decodeMetrics, decodeTraces } from "../mesh-runtime/api/otlp.ts";
import type { Denial, TelemetryBatch } from "../mesh-runtime/api/telemetry.ts";

/** Which part of a push a batch is. */
export type PushPart = "metrics" | "logs" | "traces";

/** Takes the proxies' telemetry in the portal's place and lets a test wait for what it expects. */
export class Collector {
  readonly batches: TelemetryBatch[] = [];
  readonly port: number;
  readonly #server: Server;
  readonly #waiting = new Set<() => void>();
  readonly #followers = new Set<(part: PushPart, batch: TelemetryBatch) => void>();

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
    server.on("request", (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
        const decode = { "/v1/metrics": decodeMetrics, "/v1/traces": decodeTraces }[request.url ?? ""] ?? decodeLogs;
        const part = request.url === "/v1/metrics" ? "metrics" : request.url === "/v1/traces" ? "traces" : "logs";
        const batches = decode(body);
        this.batches.push(...batches);
        for (const follow of this.#followers) {
          for (const batch of batches) {
            follow(part, batch);
          }
        }
        response.writeHead(200).end("{}");
        for (const check of [...this.#waiting]) {
          check();
        }
      });
    });
  }

  static async start(): Promise<Collector> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    return new Collector(server, typeof address === "object" && address !== null ? address.port : 0);
  }

  /** Hands on every batch from now on. */
  follow(listener: (part: PushPart, batch: TelemetryBatch) => void): void {
    this.#followers.add(listener);
  }

  get denials(): Denial[] {
    return this.batches.flatMap(({ denials }) => denials);
  }

  /** Resolves with the first defined value that `find` gives, now or after a later push. */
  until<T>(find: (collector: this) => T | undefined, what: string, withinMs = 10_000): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(check);
        reject(new Error(`no telemetry of: ${what}`));
      }, withinMs);
      const check = (): void => {
        const found = find(this);
        if (found !== undefined) {
          clearTimeout(timer);
          this.#waiting.delete(check);
          resolve(found);
        }
      };
      this.#waiting.add(check);
      check();
    });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
