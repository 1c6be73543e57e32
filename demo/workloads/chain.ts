import type { IncomingHttpHeaders } from "node:http";
import { call, callErrorText } from "./call.ts";
import type { PodIdentity } from "./pod-identity.ts";
import { propagatedHeaders } from "./propagation.ts";
import { type Handler, sendJson } from "./server.ts";

export interface ChainOptions {
  readonly identity: PodIdentity;
  readonly upstreams: readonly URL[];
  /** Every n-th request fails with 500; 0 = none. Counted, not random: half is half. */
  readonly failEvery: number;
  readonly timeoutMs: number;
}

/** What became of one call to the next service; `status` 0 means that there was no answer. */
interface UpstreamCall {
  readonly name: string;
  readonly uri: string;
  readonly status: number;
  readonly durationMs: number;
  readonly body?: unknown;
  readonly error?: string;
}

/** The handler of one service of the chain. `/healthz` answers without calling anybody. */
export function chainHandler({ identity, upstreams, failEvery, timeoutMs }: ChainOptions): Handler {
  let served = 0;
  return async (request, response) => {
    request.resume();
    if (request.url === "/healthz") {
      sendJson(response, 200, { status: "ok" });
      return;
    }
    served += 1;
    if (failEvery > 0 && served % failEvery === 0) {
      sendJson(response, 500, { ...identity, status: 500, error: `${identity.service} ${identity.version} failed` });
      return;
    }
    const upstreamCalls = await Promise.all(upstreams.map((url) => callUpstream(url, request.headers, timeoutMs)));
    const failed = upstreamCalls.find(({ status }) => status === 0 || status >= 400);
    if (failed === undefined) {
      sendJson(response, 200, { ...identity, status: 200, upstreamCalls });
      return;
    }
    const status = failed.status === 0 ? 503 : 502;
    const why = failed.status === 0 ? (failed.error ?? "no answer") : `it answered ${failed.status}`;
    sendJson(response, status, {
      ...identity,
      status,
      error: `${identity.service} cannot reach ${failed.name}: ${why}`,
      upstreamCalls,
    });
  };
}

async function callUpstream(url: URL, headers: IncomingHttpHeaders, timeoutMs: number): Promise<UpstreamCall> {
  const started = performance.now();
  const name = url.hostname.split(".")[0] ?? url.hostname;
  const uri = url.href;
  const durationMs = (): number => Math.round((performance.now() - started) * 10) / 10;
  try {
    const { status, body } = await call({ url, headers: propagatedHeaders(headers), timeoutMs });
    return { name, uri, status, durationMs: durationMs(), body: parsed(body) };
  } catch (error) {
    return { name, uri, status: 0, durationMs: durationMs(), error: callErrorText(error) };
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body.slice(0, 2_000);
  }
}
