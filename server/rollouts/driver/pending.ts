/** Work that a look must not wait for: it is begun once, and whoever looks later finds its answer. */
export class Pending<T> {
  readonly #waitMs: number;
  readonly #works = new Map<
    string,
    { readonly key: string; readonly promise: Promise<T>; answer?: { readonly value: T } }
  >();

  /** `waitMs`: an answer that comes so soon is told at once. */
  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  /**
   * The answer for `owner`, or null while it is worked on. An answer is told once: the next look asks anew. Another `key`
   * is other work, which does not wait for what was begun before.
   */
  async ask(owner: string, key: string, work: () => Promise<T>): Promise<T | null> {
    const known = this.#works.get(owner);
    const entry = known?.key === key ? known : this.#begin(owner, key, work);
    if (entry.answer === undefined) {
      const waited = Promise.withResolvers<void>();
      const timer = setTimeout(() => waited.resolve(), this.#waitMs);
      await Promise.race([entry.promise, waited.promise]);
      clearTimeout(timer);
    }
    if (entry.answer === undefined) {
      return null;
    }
    if (this.#works.get(owner) === entry) {
      this.#works.delete(owner);
    }
    return entry.answer.value;
  }

  #begin(
    owner: string,
    key: string,
    work: () => Promise<T>,
  ): { key: string; promise: Promise<T>; answer?: { value: T } } {
    const promise = work();
    const entry: { key: string; promise: Promise<T>; answer?: { value: T } } = { key, promise };
    promise.then(
      (value) => {
        entry.answer = { value };
      },
      // Whoever waits for it hears of it; the next one begins anew.
      () => {
        if (this.#works.get(owner) === entry) {
          this.#works.delete(owner);
        }
      },
    );
    this.#works.set(owner, entry);
    return entry;
  }

  async settled(): Promise<void> {
    await Promise.allSettled([...this.#works.values()].map(({ promise }) => promise));
  }
}
