import type { IncomingHttpHeaders } from "node:http";
import type { RequestPlan } from "./request-plan.ts";
import { call, callErrorText } from "./workloads/call.ts";

/** One line of `towpath-request --json`; `status` 0 with `error` when no answer came. */
export interface RequestAnswer {
  readonly n: number;
  readonly status: number;
  readonly ms: number;
  /** From the answer's body, when it is a demo service's JSON. */
  readonly service?: string;
  readonly version?: string;
  readonly pod?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly bodyTruncated?: boolean;
  readonly error?: string;
}

/** Body bytes that are shown. */
const bodyShownMax = 8_192;
const shownHeaders = /^(content-type|server|via|location|retry-after|www-authenticate|x-[a-z0-9-]+|traceparent)$/;

/** Sends the plan's requests, `concurrency` at a time; answers arrive in order of completion. Returns how many got none. */
export async function sendAll(
  plan: RequestPlan,
  signal: AbortSignal,
  onAnswer: (answer: RequestAnswer) => void,
): Promise<number> {
  let next = 1;
  let failures = 0;
  const worker = async (): Promise<void> => {
    while (next <= plan.count && !signal.aborted) {
      const n = next;
      next += 1;
      const answer = await sendOne(plan, n, signal);
      failures += answer.error === undefined ? 0 : 1;
      onAnswer(answer);
    }
  };
  await Promise.all(Array.from({ length: Math.min(plan.concurrency, plan.count) }, worker));
  return failures;
}

async function sendOne(plan: RequestPlan, n: number, signal: AbortSignal): Promise<RequestAnswer> {
  const started = performance.now();
  const ms = (): number => Math.round((performance.now() - started) * 10) / 10;
  try {
    const { status, headers, body } = await call({
      url: plan.url,
      method: plan.method,
      headers: plan.headers,
      ...(plan.body !== undefined && { body: plan.body }),
      timeoutMs: plan.timeoutMs,
      signal,
    });
    return {
      n,
      status,
      ms: ms(),
      ...origin(body),
      headers: subset(headers),
      body: body.slice(0, bodyShownMax),
      ...(body.length > bodyShownMax && { bodyTruncated: true }),
    };
  } catch (error) {
    return { n, status: 0, ms: ms(), error: callErrorText(error) };
  }
}

function subset(headers: IncomingHttpHeaders): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && shownHeaders.test(name)) {
      result[name] = Array.isArray(value) ? value.join(", ") : value;
    }
  }
  return result;
}

function origin(body: string): { service?: string; version?: string; pod?: string } {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return {};
  }
  if (typeof value !== "object" || value === null) {
    return {};
  }
  const field = (name: "service" | "version" | "pod"): object => {
    const found: unknown = (value as Record<string, unknown>)[name];
    return typeof found === "string" ? { [name]: found } : {};
  };
  return { ...field("service"), ...field("version"), ...field("pod") };
}
