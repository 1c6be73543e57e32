import { setTimeout as pause } from "node:timers/promises";
import { call, callErrorText } from "./call.ts";
import { type MisbehaviourOptions, misbehaviour, wellBehaved } from "./misbehaviour.ts";
import type { PodIdentity } from "./pod-identity.ts";
import { headersWorthTelling, propagatedHeaders } from "./propagation.ts";
import { type Handler, sendJson } from "./server.ts";

export interface ChainOptions {
  readonly identity: PodIdentity;
  readonly upstreams: readonly URL[];
  readonly timeoutMs: number;
  /** How it goes wrong; not at all when not said. */
  readonly behaviour?: MisbehaviourOptions;
  /** Forgets the headers of the call that it serves when it calls others. */
  readonly dropsHeaders?: boolean;
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
export function chainHandler({
  identity,
  upstreams,
  timeoutMs,
  behaviour = wellBehaved,
  dropsHeaders = false,
}: ChainOptions): Handler {
  const next = misbehaviour(behaviour);
  return async (request, response) => {
    request.resume();
    if (request.url === "/healthz") {
      sendJson(response, 200, { status: "ok" });
      return;
    }
    const headers = headersWorthTelling(request.headers);
    const { fails, waitMs } = next();
    if (waitMs > 0) {
      await pause(waitMs);
    }
    if (fails) {
      const error = `${identity.service} ${identity.version} failed`;
      sendJson(response, 500, { ...identity, status: 500, headers, error });
      return;
    }
    const passedOn = dropsHeaders ? {} : propagatedHeaders(request.headers);
    const upstreamCalls = await Promise.all(upstreams.map((url) => callUpstream(url, passedOn, timeoutMs)));
    const failed = upstreamCalls.find(({ status }) => status === 0 || status >= 400);
    if (failed === undefined) {
      sendJson(response, 200, { ...identity, status: 200, headers, upstreamCalls });
      return;
    }
    const status = failed.status === 0 ? 503 : 502;
    const why = failed.status === 0 ? (failed.error ?? "no answer") : `it answered ${failed.status}`;
    sendJson(response, status, {
      ...identity,
      status,
      headers,
      error: `${identity.service} cannot reach ${failed.name}: ${why}`,
      upstreamCalls,
    });
  };
}

async function callUpstream(url: URL, headers: Record<string, string>, timeoutMs: number): Promise<UpstreamCall> {
  const started = performance.now();
  const name = url.hostname.split(".")[0] ?? url.hostname;
  const uri = url.href;
  const durationMs = (): number => Math.round((performance.now() - started) * 10) / 10;
  try {
    const { status, body } = await call({ url, headers, timeoutMs });
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
