/**
 * A visitor of the demo company, outside the mesh: asks the gateway for a page at a steady rate until it is stopped, so
 * that the graph has life from the first second. Says nothing per request.
 */
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { closeWithParent } from "../mesh-runtime/common/lifetime.ts";
import { call } from "./workloads/call.ts";

const { values } = parseArgs({
  options: {
    url: { type: "string", default: "http://127.0.0.1:8080/" },
    host: { type: "string", default: "istioinaction.io" },
    rate: { type: "string", default: "2" },
  },
});
const url = new URL(values.url);
const ratePerSecond = Math.min(1_000, Math.max(0.01, Number(values.rate) || 2));
/** Requests under way at most: a slow gateway must not pile them up. */
const pendingMax = 20;

const stopped = new AbortController();
closeWithParent({ close: async () => stopped.abort() });

let pending = 0;
let reachable: boolean | undefined;
const say = (now: boolean, text: string): void => {
  if (reachable !== now) {
    reachable = now;
    console.error(JSON.stringify({ time: new Date().toISOString(), component: "visitor", message: text }));
  }
};

while (!stopped.signal.aborted) {
  if (pending < pendingMax) {
    pending += 1;
    call({ url, headers: { host: values.host }, timeoutMs: 10_000, signal: stopped.signal })
      .then(
        () => say(true, `visiting ${url.href} as ${values.host}`),
        (error: unknown) => say(false, `no answer from ${url.href}: ${String(error)}`),
      )
      .finally(() => {
        pending -= 1;
      });
  }
  await delay(1_000 / ratePerSecond, undefined, { signal: stopped.signal }).catch(() => undefined);
}
