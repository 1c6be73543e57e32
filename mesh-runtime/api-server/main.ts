import process from "node:process";
import { closeWithParent } from "../common/lifetime.ts";
import { createLog } from "../common/log.ts";
import { emitProcessEvent } from "../common/process-events.ts";
import { type ApiServerConfig, readConfig } from "./config.ts";
import { startApiServer } from "./server.ts";
import { StoreError } from "./store/store.ts";

const log = createLog("api-server");

function fail(code: string, message: string, remedy?: string): never {
  log.error(message, { code });
  emitProcessEvent({ event: "fatal", code, message, ...(remedy === undefined ? {} : { remedy }) });
  process.exit(1);
}

function config(): ApiServerConfig {
  try {
    return readConfig(process.argv.slice(2));
  } catch (error) {
    return fail("BAD_FLAGS", error instanceof Error ? error.message : String(error));
  }
}

try {
  const flags = config();
  const server = await startApiServer({ config: flags, log });
  closeWithParent(server);
  emitProcessEvent({ event: "listen", name: "api", address: server.host, port: server.port });
  emitProcessEvent({ event: "ready" });
} catch (error) {
  if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") {
    fail(
      "ADDRESS_IN_USE",
      "the API server's port is taken",
      "end the process that listens there, or choose another port",
    );
  }
  if (error instanceof StoreError && error.code === "inUse") {
    fail("STORE_IN_USE", error.message, "end the API server that runs on this home already");
  }
  fail("START_FAILED", error instanceof Error ? error.message : String(error));
}
