import type { BehindTheScenes } from "@/server/contracts/traffic.ts";
import { count, plural } from "../ui/format.ts";

type Counts = Omit<BehindTheScenes, "ejected">;

/** What happened, one phrase each; nothing that did not. */
export function behindWords(behind: Counts): string[] {
  const parts: string[] = [];
  const add = (value: number, words: string): void => {
    if (value > 0) {
      parts.push(words);
    }
  };
  const { retries, retriesSucceeded, retriesForbidden } = behind;
  add(retries, `${plural(retries, "retry", "retries")}, ${count(retriesSucceeded)} of them with success`);
  add(retriesForbidden, `${plural(retriesForbidden, "retry", "retries")} forbidden by a budget`);
  add(behind.timeouts, plural(behind.timeouts, "timeout"));
  add(behind.overflows, `${count(behind.overflows)} turned away at a limit`);
  add(behind.rateLimited, `${count(behind.rateLimited)} rate limited`);
  add(behind.faultsInjected, `${plural(behind.faultsInjected, "fault")} injected`);
  add(behind.mirrored, `${count(behind.mirrored)} mirrored`);
  add(behind.notMirrored, `${count(behind.notMirrored)} too long or unfinished to be mirrored`);
  add(behind.ejections, `${plural(behind.ejections, "pod")} taken out`);
  return parts;
}
