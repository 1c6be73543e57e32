import type { Answer, End } from "./use-try.ts";

/** Who answered: the service that says so, the proxy whose refusal has this status, or nobody that is known. */
export function whoAnswered(answer: Pick<Answer, "service" | "status" | "headers" | "error">, end: End | null): string {
  if (answer.service !== "") {
    return answer.service;
  }
  const refusals = (end?.denials ?? []).filter((denial) => denial.answer === answer.status);
  const names = [...new Set(refusals.map(({ enforcer }) => enforcer))];
  if (names.length === 1) {
    return names[0] ?? "";
  }
  // Answers that a proxy makes by itself say so.
  const byProxy = answer.headers.some(({ name, value }) => name.toLowerCase() === "server" && value === "towpath");
  return byProxy ? "a proxy on the way" : "";
}
