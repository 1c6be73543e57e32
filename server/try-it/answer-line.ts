/** One line of `towpath-request --json` to a `tryEvent`. Pure. */
import * as z from "zod";
import type { TryEvent } from "@/server/contracts/try-it.ts";

const bodyMax = 16_384;

const line = z.object({
  n: z.int(),
  status: z.int().min(0).max(999),
  ms: z.number().nonnegative(),
  service: z.string().optional(),
  version: z.string().optional(),
  pod: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.string().optional(),
  bodyTruncated: z.boolean().optional(),
  error: z.string().optional(),
});

export type TryAnswer = Extract<TryEvent, { type: "answer" }>;

/** `undefined` when the line is none of the program's. */
export function parseAnswerLine(text: string): TryAnswer | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = line.safeParse(value);
  if (!parsed.success) {
    return undefined;
  }
  const { n, status, ms, service, version, pod, headers, body = "", bodyTruncated, error } = parsed.data;
  return {
    type: "answer",
    index: n - 1,
    status,
    latencyMs: ms,
    service: service ?? "",
    version: version ?? "",
    pod: pod ?? "",
    headers: Object.entries(headers ?? {}).map(([name, text]) => ({ name, value: text })),
    body: body.slice(0, bodyMax),
    truncated: bodyTruncated === true || body.length > bodyMax,
    error: error ?? "",
  };
}

const origin = z.object({ service: z.string(), version: z.string(), pod: z.string() }).partial();

/** Who answered, when the body says so. */
export function originOf(body: string): { service: string; version: string; pod: string } {
  try {
    const { service = "", version = "", pod = "" } = origin.catch({}).parse(JSON.parse(body));
    return { service, version, pod };
  } catch {
    return { service: "", version: "", pod: "" };
  }
}

/** Splits a stream of text into lines; the last one without an end waits for more. */
export class LineSplitter {
  readonly #take: (line: string) => void;
  readonly #decoder = new TextDecoder();
  #rest = "";

  constructor(take: (line: string) => void) {
    this.#take = take;
  }

  push(chunk: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split("\n");
    this.#rest = (lines.pop() ?? "").slice(0, 1 << 20);
    for (const text of lines) {
      this.#take(text);
    }
  }
}
