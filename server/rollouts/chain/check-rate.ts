/** Each look at a chain sends requests through the whole of it: a person may ask for so many. */
import { PortalError } from "@/server/errors.ts";

const checksMax = 6;
const withinMs = 60_000;

/** How often somebody asked, by their id, in this process. */
export class CheckRate {
  readonly #asked = new Map<string, readonly number[]>();

  /** Counts one more. Throws PortalError `too-many-requests`, which counts as none. */
  take(personId: string, nowUnixMs: number): void {
    for (const [id, times] of this.#asked) {
      const kept = times.filter((time) => time > nowUnixMs - withinMs);
      if (kept.length === 0) {
        this.#asked.delete(id);
      } else {
        this.#asked.set(id, kept);
      }
    }
    const own = this.#asked.get(personId) ?? [];
    if (own.length >= checksMax) {
      const seconds = Math.max(1, Math.ceil(((own[0] ?? nowUnixMs) + withinMs - nowUnixMs) / 1_000));
      throw new PortalError(
        "too-many-requests",
        `You looked ${checksMax} times within a minute, and each look sends requests through the chain. Look again in ${seconds} s.`,
      );
    }
    this.#asked.set(personId, [...own, nowUnixMs]);
  }
}
