/** The node runner: a kubelet whose containers are processes of this machine. */
import { closeWithParent } from "../common/lifetime.ts";
import { createLog } from "../common/log.ts";
import { emitProcessEvent } from "../common/process-events.ts";
import { readConfig } from "./config.ts";
import { startNodeRunner } from "./node-runner.ts";

try {
  const config = readConfig(process.argv.slice(2), process.env);
  const runner = await startNodeRunner(config, createLog("node-runner", { node: config.node }));
  // The time is longer than the pods get, so that none is left.
  closeWithParent(runner, { graceMs: 8_000 });
  await runner.ready;
  emitProcessEvent({ event: "ready" });
} catch (error) {
  emitProcessEvent({ event: "fatal", code: "startFailed", message: String(error) });
  process.exitCode = 1;
  setTimeout(() => process.exit(1), 100).unref();
}
