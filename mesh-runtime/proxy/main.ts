import process from "node:process";
import { closeWithParent } from "../common/lifetime.ts";
import { createLog } from "../common/log.ts";
import { emitProcessEvent } from "../common/process-events.ts";
import { readConfig } from "./config.ts";
import { startProxy } from "./proxy.ts";

/** The program of waypoint and ingress gateway pods; `start.mjs` runs it. Its environment is described in `config.ts`. */
export async function main(): Promise<void> {
  const log = createLog("proxy");
  try {
    const proxy = await startProxy(readConfig(), {
      log,
      onListen: (name, address, port) => {
        log.info("listening", { name, address, port });
        emitProcessEvent({ event: "listen", name, address, port });
      },
    });
    closeWithParent(proxy, { graceMs: 15_000 });
    proxy.ready.then(
      () => emitProcessEvent({ event: "ready" }),
      // Rejects only when it is closed before it was ready.
      () => undefined,
    );
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    log.error("proxy cannot start", { error: message });
    emitProcessEvent({ event: "fatal", code: "proxy-start", message });
    process.exit(1);
  }
}
