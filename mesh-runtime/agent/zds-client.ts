import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { createBackoff } from "../common/backoff.ts";
import type { Running } from "../common/lifetime.ts";
import type { Log } from "../common/log.ts";
import { type ZdsAnswer, type ZdsRequest, zdsLineMax, zdsRequest } from "../zds/protocol.ts";

export interface ZdsClientOptions {
  /** The node runner's socket. */
  readonly path: string;
  readonly node: string;
  readonly log: Log;
  onConnected(): void;
  handle(request: ZdsRequest): Promise<ZdsAnswer>;
}

export interface ZdsClient extends Running {
  readonly connected: boolean;
}

/** Keeps the connection to the node runner; while it is away everything stays as it was. */
export function startZdsClient(options: ZdsClientOptions): ZdsClient {
  const stopping = new AbortController();
  const backoff = createBackoff({ initialMs: 20, maxMs: 1_000 });
  let socket: Socket | undefined;
  let connected = false;

  const session = async (): Promise<void> => {
    const current = connect(options.path);
    socket = current;
    current.once("connect", () => {
      connected = true;
      backoff.reset();
      options.onConnected();
      send(current, { type: "hello", version: 1, node: options.node });
    });
    current.on("error", () => undefined);
    read(current, options);
    const { promise, resolve } = Promise.withResolvers<void>();
    current.once("close", () => resolve());
    await promise;
    if (connected) {
      options.log.warn("node runner disconnected; pods stay as they are");
    }
    connected = false;
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await session();
      await delay(backoff.next(), undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
    }
  };
  const running = run();

  return {
    get connected() {
      return connected;
    },
    close: async () => {
      stopping.abort();
      socket?.destroy();
      await running;
    },
  };
}

function send(socket: Socket, answer: ZdsAnswer): void {
  if (socket.writable) {
    socket.write(`${JSON.stringify(answer)}\n`);
  }
}

/** Reads lines; one that is not of the protocol ends the connection, as nothing after it could be trusted. */
function read(socket: Socket, { handle, log }: ZdsClientOptions): void {
  let held = "";
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    const lines = (held + chunk).split("\n");
    held = lines.pop() ?? "";
    if (held.length > zdsLineMax) {
      log.error("the node runner sent a line that is too long");
      socket.destroy();
      return;
    }
    for (const line of lines) {
      const request = parse(line);
      if (request === undefined) {
        log.error("the node runner said something that is not the protocol", { line: line.slice(0, 200) });
        socket.destroy();
        return;
      }
      handle(request).then(
        (answer) => {
          if (answer.type === "error") {
            log.warn("a pod cannot be served", { code: answer.code, error: answer.message });
          }
          send(socket, answer);
        },
        (error: unknown) => log.error("request failed", { error: String(error) }),
      );
    }
  });
}

function parse(line: string): ZdsRequest | undefined {
  try {
    return zdsRequest.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
