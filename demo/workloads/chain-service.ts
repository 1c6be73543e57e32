/**
 * A link of the demo's call chain (web-api → recommendation → purchase-history): answers who it is, and what the next
 * service answered. `--fail-every N` makes every N-th request a 500, for the release that went wrong.
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
    "fail-every": { type: "string", default: "0" },
    "timeout-ms": { type: "string", default: "10000" },
  },
});

const { server, port } = await serve(
  Number(process.env["PORT"] ?? 8080),
  chainHandler({
    identity: podIdentity(values.service ?? "service", values.version),
    upstreams: values.upstream.map((url) => new URL(url)),
    failEvery: Number(values["fail-every"]),
    timeoutMs: Number(values["timeout-ms"]),
  }),
);
console.log(`${values.service} ${values.version} listens on 127.0.0.1:${port}`);
stopOnSignal(server);
