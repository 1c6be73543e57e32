/**
 * What planners keep beyond the configuration they were made for: counts of rate limits, verified tokens. A part lives as
 * long as some planner holds it and is found again by its key.
 */
export class PlannerMemory {
  readonly #parts = new Map<string, WeakRef<object>>();

  /** The part of this key, made if nobody holds one. The key must tell apart whatever `make` depends on. */
  part<T extends object>(key: string, make: () => T): T {
    const kept = this.#parts.get(key)?.deref();
    if (kept !== undefined) {
      // The key names its maker, so the kind is known.
      return kept as T;
    }
    this.#sweep();
    const made = make();
    this.#parts.set(key, new WeakRef(made));
    return made;
  }

  get size(): number {
    return this.#parts.size;
  }

  #sweep(): void {
    for (const [key, part] of this.#parts) {
      if (part.deref() === undefined) {
        this.#parts.delete(key);
      }
    }
  }
}
