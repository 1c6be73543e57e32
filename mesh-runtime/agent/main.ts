import { closeWithParent } from "../common/lifetime.ts";
import { createLog } from "../common/log.ts";
import { ports } from "../common/ports.ts";
import { emitProcessEvent } from "../common/process-events.ts";
import { startAgent } from "./agent.ts";
import { type AgentConfig, readConfig } from "./config.ts";

const log = createLog("agent");

function configOrExit(): AgentConfig {
  try {
    return readConfig(process.argv.slice(2));
  } catch (error) {
    emitProcessEvent({ event: "fatal", code: "bad-flags", message: String(error) });
    process.exit(2);
  }
}

const config = configOrExit();
// The agent stands between every pod and the world: one connection's surprise must not end the others.
process.on("uncaughtException", (error) => log.error("unexpected error", { error: error.stack ?? String(error) }));
process.on("unhandledRejection", (error) => log.error("unexpected rejection", { error: String(error) }));

try {
  closeWithParent(await startAgent(config, log.with({ node: config.node })));
  emitProcessEvent({ event: "listen", name: "agent-admin", address: config.address, port: ports.admin });
  emitProcessEvent({ event: "listen", name: "agent-metrics", address: config.address, port: ports.metrics });
  emitProcessEvent({ event: "listen", name: "agent-readiness", address: config.address, port: ports.readiness });
  emitProcessEvent({ event: "ready" });
} catch (error) {
  emitProcessEvent({
    event: "fatal",
    code: "start-failed",
    message: String(error),
    remedy: "Check that no other agent uses this node's address.",
  });
  process.exit(1);
}
