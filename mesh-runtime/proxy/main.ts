import process from "node:process";
import { closeWithParent } from "../common/lifetime.ts";
import { createLog } from "../common/log.ts";
import { emitProcessEvent } from "../common/process-events.ts";
import { readConfig } from "./config.ts";
import { startGateway } from "./gateway.ts";

/** The proxy pod's program: an ingress gateway. Its environment is described in `config.ts`. */
const log = createLog("gateway");
try {
  const config = readConfig();
  const gateway = await startGateway(config, {
    log,
    onListen: (name, address, port) => {
      log.info("listening", { name, address, port });
      emitProcessEvent({ event: "listen", name, address, port });
    },
  });
  closeWithParent(gateway, { graceMs: 15_000 });
  gateway.ready.then(
    () => emitProcessEvent({ event: "ready" }),
    // Rejects only when it is closed before it was ready.
    () => undefined,
  );
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  log.error("gateway cannot start", { error: message });
  emitProcessEvent({ event: "fatal", code: "gateway-start", message });
  process.exit(1);
}
