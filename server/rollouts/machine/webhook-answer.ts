/** What the webhooks of the beginning or the end say together. Pure. */
import type { WebhookOutcome } from "../analysis/judge.ts";

export interface WebhookAnswer {
  readonly state: "passed" | "failed" | "waiting";
  /** "smoke answered 503, load did not answer within 5s"; empty when all passed. */
  readonly words: string;
}

/** One that says no is enough; one that has no answer yet is waited for. */
export function webhookAnswer(outcomes: readonly WebhookOutcome[]): WebhookAnswer {
  const of = (wanted: "failed" | "waiting"): string =>
    outcomes
      .filter(({ outcome }) => outcome === wanted)
      .map(({ name, words }) => (/^\d+$/.test(words) ? `${name} answered ${words}` : `${name} ${words}`))
      .join(", ");
  const failed = of("failed");
  const waiting = of("waiting");
  return failed !== ""
    ? { state: "failed", words: failed }
    : { state: waiting === "" ? "passed" : "waiting", words: waiting };
}
