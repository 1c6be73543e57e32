/** Whether an answer is what a probe expects. Pure. */
import type { ProbeExpectation } from "@/server/golden-paths/probe.ts";
import type { TryAnswer } from "@/server/try-it/answer-line.ts";

export interface Judgement {
  readonly passed: boolean;
  /** "200", "403 from the mesh", "no answer: connection reset". */
  readonly words: string;
}

/** Answers that proxies give by themselves carry their name as the server. */
const byProxy = ({ headers }: Pick<TryAnswer, "headers">): boolean =>
  headers.some(({ name, value }) => name.toLowerCase() === "server" && value === "towpath");

/** What a proxy says when nothing answered behind it. */
const unavailable: ReadonlySet<number> = new Set([502, 503, 504]);

export function judge(expected: ProbeExpectation, answer: TryAnswer): Judgement {
  const { status, error } = answer;
  const proxied = byProxy(answer);
  const words =
    status === 0
      ? `no answer: ${error || "the connection was refused"}`
      : `${status}${proxied ? " from the mesh" : ""}`;
  switch (expected.kind) {
    case "reaches":
      // An answer of the service itself, whatever it thinks of the request.
      return { passed: status > 0 && !proxied && !unavailable.has(status), words };
    case "refused":
      return { passed: status === 401 || status === 403 || (status === 0 && isReset(error)), words };
    case "status":
      return { passed: status === expected.status, words };
    default:
      return expected satisfies never;
  }
}

/**
 * A refusal at layer 4 ends a connection that was taken; a time-out or an unknown name is none, nor is a port where nobody
 * listens: then the program or its proxy is down.
 */
const isReset = (error: string): boolean => /ECONNRESET|reset|EPIPE|hang up|closed|other side closed/i.test(error);
