import { onParentGone } from "../mesh-runtime/common/lifetime.ts";
import { readConfig } from "./config.ts";
import { SupervisorError } from "./errors.ts";
import { jsonReporter, textReporter } from "./reporter.ts";
import { AlreadyRunningError, startTowpath, type Towpath } from "./towpath.ts";

const stopWaitMs = 20_000;
const write = (line: string): void => void process.stdout.write(line);
const reporter = process.argv.includes("--json") ? jsonReporter(write) : textReporter(write);

function asSupervisorError(error: unknown): SupervisorError {
  return error instanceof SupervisorError
    ? error
    : new SupervisorError(
        "process-failed",
        `Towpath could not start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        "This is a fault of Towpath; please report it with the logs in the home's logs folder.",
      );
}

/** Stops once, whether the start is over or still going on. */
function stopOnSignals(starting: Promise<Towpath>): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) {
      return;
    }
    stopping = true;
    reporter.stopping();
    setTimeout(() => process.exit(1), stopWaitMs).unref();
    starting
      .then((towpath) => towpath.close())
      .then(
        () => process.exit(0),
        () => process.exit(1),
      );
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  process.on("SIGHUP", stop);
  onParentGone(stop);
}

try {
  const starting = startTowpath(readConfig(process.argv.slice(2), process.env), { reporter, env: process.env });
  stopOnSignals(starting);
  const { facts } = await starting;
  reporter.ready(facts, Date.now() - performance.timeOrigin);
} catch (error) {
  if (error instanceof AlreadyRunningError) {
    reporter.alreadyRunning(error.facts);
  } else {
    reporter.failed(asSupervisorError(error));
  }
  process.exit(1);
}
