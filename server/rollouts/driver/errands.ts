import type { Log } from "@/server/log.ts";

/**
 * Work that every tick begins and waits for a moment only: what is slow goes on by itself and is not begun a second time
 * meanwhile, and what fails is on the log. So none holds up the looks at releases.
 */
export class Errands {
  readonly #log: Log;
  readonly #waitMs: number;
  readonly #busy = new Map<string, Promise<void>>();

  constructor(log: Log, waitMs: number) {
    this.#log = log;
    this.#waitMs = waitMs;
  }

  /** Does not throw. */
  async run(name: string, work: () => Promise<void>): Promise<void> {
    const errand = this.#busy.get(name) ?? this.#begin(name, work);
    await patiently(errand, this.#waitMs);
  }

  #begin(name: string, work: () => Promise<void>): Promise<void> {
    const errand = work()
      .catch((error: unknown) =>
        this.#log.warn("work on releases failed; it is tried again", { work: name, error: String(error) }),
      )
      .finally(() => this.#busy.delete(name));
    this.#busy.set(name, errand);
    return errand;
  }

  async settled(): Promise<void> {
    await Promise.all(this.#busy.values());
  }
}

/** Until the work is done, or for so long. */
export async function patiently(work: Promise<unknown>, waitMs: number): Promise<void> {
  const waited = Promise.withResolvers<void>();
  const timer = setTimeout(() => waited.resolve(), waitMs);
  await Promise.race([work, waited.promise]);
  clearTimeout(timer);
}
