import type { Answer } from "./use-try.ts";

const headerOf = ({ headers }: Pick<Answer, "headers">, name: string): string | undefined =>
  headers.find((header) => header.name.toLowerCase() === name)?.value;

/** "0 of 10 left, again in 7 s", from the headers of a rate limit; empty without. */
export function rateLimitWords(answer: Pick<Answer, "headers">): string {
  const limit = headerOf(answer, "ratelimit-limit");
  const remaining = headerOf(answer, "ratelimit-remaining");
  const after = headerOf(answer, "retry-after");
  const left =
    remaining === undefined ? "" : limit === undefined ? `${remaining} left` : `${remaining} of ${firstOf(limit)} left`;
  const wait = after === undefined ? "" : /^\d+$/.test(after) ? `again in ${after} s` : `again at ${after}`;
  return [left, wait].filter((part) => part !== "").join(", ");
}

/** The limit may be followed by its window: `10, 10;w=10`. */
const firstOf = (limit: string): string => /^\d+/.exec(limit)?.[0] ?? limit;
