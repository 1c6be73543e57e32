/** Runs something soon after a burst of changes, and within a bounded time while changes keep coming. */
export interface Debounced {
  /** Something changed. */
  trigger(): void;
  stop(): void;
}

export interface DebounceOptions {
  /** Quiet time that ends a burst, milliseconds. */
  readonly quietMs: number;
  /** Longest time from the first change to the run, milliseconds. */
  readonly maxMs: number;
}

/** `run` gets the time of the first change of the burst, milliseconds since the epoch. */
export function debounce(run: (firstChangeMs: number) => void, { quietMs, maxMs }: DebounceOptions): Debounced {
  let timer: NodeJS.Timeout | undefined;
  let firstMs: number | undefined;
  return {
    trigger() {
      const nowMs = Date.now();
      firstMs ??= nowMs;
      clearTimeout(timer);
      timer = setTimeout(
        () => {
          const first = firstMs ?? Date.now();
          firstMs = undefined;
          run(first);
        },
        Math.max(0, Math.min(quietMs, firstMs + maxMs - nowMs)),
      );
    },
    stop: () => clearTimeout(timer),
  };
}
