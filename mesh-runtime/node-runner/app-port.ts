import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Below the kernel's usual ephemeral range (32768–60999), so that no outgoing connection takes one by chance. */
const range = { min: 20_000, max: 32_000 };
const triesMax = 200;

/** Nodes of one machine choose from different ports: those that leave the node's number as remainder. */
const nodesMax = 16;

/**
 * Finds a port of 127.0.0.1 on which nobody listens, and adds it to `taken` before anybody else can choose it. Between
 * this check and the application's own bind a stranger may still take it; then the application fails and is started
 * again.
 * @param node number of the node on this machine
 */
export async function pickAppPort(taken: Set<number>, node: number): Promise<number> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const port = randomInt(range.min / nodesMax, range.max / nodesMax) * nodesMax + (node % nodesMax);
    if (!taken.has(port)) {
      taken.add(port);
      if (await isFree(port)) {
        return port;
      }
      taken.delete(port);
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
