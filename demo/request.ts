/**
 * `towpath-request`: sends real requests from where it runs (through the pod's proxy variables, like any program) and
 * prints one JSON line per answer, then exits 0 when every request got an answer, 1 otherwise, 2 on wrong flags.
 */
import { parseArgs } from "node:util";
import { parseRequestFlags, type RequestPlan, requestUsage } from "./request-plan.ts";
import { sendAll } from "./request-run.ts";

const { values } = parseArgs({
  options: {
    method: { type: "string", short: "X" },
    url: { type: "string" },
    header: { type: "string", short: "H", multiple: true },
    body: { type: "string" },
    count: { type: "string" },
    concurrency: { type: "string" },
    "timeout-ms": { type: "string" },
    json: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  },
  strict: false,
});

if (values.help === true) {
  console.log(requestUsage);
  process.exit(0);
}
let plan: RequestPlan;
try {
  plan = parseRequestFlags(values);
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n${requestUsage}`);
  process.exit(2);
}

const stopped = new AbortController();
process.once("SIGTERM", () => stopped.abort());
process.once("SIGINT", () => stopped.abort());

const failures = await sendAll(plan, stopped.signal, (answer) => {
  process.stdout.write(
    plan.json
      ? `${JSON.stringify(answer)}\n`
      : `${answer.n}: ${answer.error ?? answer.status} (${answer.ms} ms)${answer.version === undefined ? "" : ` from ${answer.version} ${answer.pod ?? ""}`}\n`,
  );
});
process.exitCode = failures === 0 ? 0 : 1;
