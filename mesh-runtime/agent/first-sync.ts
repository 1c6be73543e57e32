/** The moment from which the mesh is known: the control plane's first whole answer. */
export interface FirstSync {
  readonly done: boolean;
  /** True when the mesh is known within that time. */
  within(timeoutMs: number): Promise<boolean>;
}

/** Watches the promise of the first synchronisation; once it is there, asking costs nothing. */
export function watchFirstSync(synced: Promise<void>): FirstSync {
  let done = false;
  const known = synced.then(() => {
    done = true;
    return true;
  });
  return {
    get done() {
      return done;
    },
    within: async (timeoutMs) => {
      if (done) {
        return true;
      }
      const { promise: late, resolve } = Promise.withResolvers<boolean>();
      const timer = setTimeout(() => resolve(false), timeoutMs);
      const result = await Promise.race([known, late]);
      clearTimeout(timer);
      return result;
    },
  };
}
