import { Agent, get } from "node:http";

export interface Visit {
  /** 0 when no answer came. */
  readonly status: number;
  readonly body: string;
  readonly atMs: number;
}

/** One request to the gateway from outside, as `curl -H 'Host: istioinaction.io' <gateway>/`. */
export function visit(gateway: string, agent?: Agent): Promise<Visit> {
  return new Promise((resolve) => {
    const atMs = performance.now();
    const fail = (error: Error): void => resolve({ status: 0, body: error.message, atMs });
    const request = get(
      gateway,
      { headers: { host: "istioinaction.io" }, timeout: 10_000, ...(agent !== undefined && { agent }) },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString(), atMs }),
        );
        response.on("error", fail);
      },
    );
    request.on("timeout", () => request.destroy(new Error("timeout")));
    request.on("error", fail);
  });
}

/** Keeps asking with a few requests in flight until it is stopped; every answer is kept. */
export class Visitors {
  readonly visits: Visit[] = [];
  readonly #agent = new Agent({ keepAlive: true });
  readonly #running: Promise<unknown>;
  #stopped = false;

  constructor(gateway: string, inFlight = 4) {
    this.#running = Promise.all(
      Array.from({ length: inFlight }, async () => {
        while (!this.#stopped) {
          this.visits.push(await visit(gateway, this.#agent));
        }
      }),
    );
  }

  /** Waits until `count` more answers have come. */
  async more(count: number): Promise<void> {
    const goal = this.visits.length + count;
    while (this.visits.length < goal) {
      await new Promise(setImmediate);
    }
  }

  async stop(): Promise<readonly Visit[]> {
    this.#stopped = true;
    await this.#running;
    this.#agent.destroy();
    return this.visits;
  }
}
