/**
 * A link of the demo's call chain (web-api → recommendation → purchase-history): answers who it is, and what the next
 * service answered. For releases that go wrong: `--fail-percent 20` makes a fifth of its answers 500, with `--burn-seconds
 * 60` growing to that within a minute; `--slow-percent 50 --slow-ms 300` lets half of them wait; `--drop-headers` forgets
 * what it was asked with when it asks others.
 */
import { parseArgs } from "node:util";
import { chainHandler } from "./chain.ts";
import { podIdentity } from "./pod-identity.ts";
import { serve, stopOnSignal } from "./server.ts";

const { values } = parseArgs({
  options: {
    service: { type: "string" },
    version: { type: "string", default: "v1" },
    upstream: { type: "string", multiple: true, default: [] },
    "fail-percent": { type: "string", default: "0" },
    "burn-seconds": { type: "string", default: "0" },
    "slow-percent": { type: "string", default: "0" },
    "slow-ms": { type: "string", default: "0" },
    "drop-headers": { type: "boolean", default: false },
    "timeout-ms": { type: "string", default: "10000" },
  },
});

const { server, port } = await serve(
  Number(process.env["PORT"] ?? 8080),
  chainHandler({
    identity: podIdentity(values.service ?? "service", values.version),
    upstreams: values.upstream.map((url) => new URL(url)),
    timeoutMs: Number(values["timeout-ms"]),
    dropsHeaders: values["drop-headers"],
    behaviour: {
      failPercent: Number(values["fail-percent"]),
      burnSeconds: Number(values["burn-seconds"]),
      slowPercent: Number(values["slow-percent"]),
      slowMs: Number(values["slow-ms"]),
    },
  }),
);
console.log(`${values.service} ${values.version} listens on 127.0.0.1:${port}`);
stopOnSignal(server);
