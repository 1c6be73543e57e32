import { chmod, rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";

const answerMax = 64 * 1024;
const timeoutMs = 1_000;

/** Asks the supervisor that owns this home what it runs; `undefined` when there is none. */
export function askInstance(path: string): Promise<unknown> {
  return new Promise((resolve) => {
    const socket = connect(path);
    let text = "";
    const give = (value: unknown): void => {
      socket.destroy();
      resolve(value);
    };
    socket.setTimeout(timeoutMs, () => give({}));
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      text += chunk;
      if (text.length > answerMax) {
        give({});
      }
    });
    socket.on("error", () => give(undefined));
    socket.on("end", () => {
      try {
        give(JSON.parse(text));
      } catch {
        give({});
      }
    });
  });
}

/** Owns the home: a second supervisor finds this socket and is told the facts. Throws EADDRINUSE if it lost a race. */
export async function ownInstance(path: string, facts: () => unknown): Promise<Server> {
  await rm(path, { force: true });
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.end(JSON.stringify(facts()));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  await chmod(path, 0o600);
  return server;
}
