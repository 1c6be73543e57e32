/** The node runner: a kubelet whose containers are processes of this machine. */
import { closeWithParent } from "../common/lifetime.ts";
import { createLog } from "../common/log.ts";
import { emitProcessEvent } from "../common/process-events.ts";
import { readConfig } from "./config.ts";
import { startNodeRunner } from "./node-runner.ts";

try {
  const config = readConfig(process.argv.slice(2), process.env);
  const starting = startNodeRunner(config, createLog("node-runner", { node: config.node }));
  // From the beginning, since the API may not be there yet. The time is longer than the pods get, so that none is left.
  closeWithParent({ close: async () => (await starting).close() }, { graceMs: 8_000 });
  await starting;
  emitProcessEvent({ event: "ready" });
} catch (error) {
  emitProcessEvent({ event: "fatal", code: "startFailed", message: String(error) });
  process.exitCode = 1;
  setTimeout(() => process.exit(1), 100).unref();
}
