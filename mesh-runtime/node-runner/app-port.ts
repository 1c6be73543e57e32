import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Below the kernel's usual ephemeral range (32768–60999), so that no outgoing connection takes one by chance. */
const range = { min: 20_000, max: 32_000 };
const triesMax = 200;

/**
 * Finds a port of 127.0.0.1 on which nobody listens and which is not in `taken`. Between this check and the
 * application's own bind somebody else may take it; then the application fails and is started again.
 */
export async function pickAppPort(taken: ReadonlySet<number>): Promise<number> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const port = randomInt(range.min, range.max);
    if (!taken.has(port) && (await isFree(port))) {
      return port;
    }
  }
  throw new Error(`no free port of 127.0.0.1 between ${range.min} and ${range.max}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
