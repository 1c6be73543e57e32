/** Tells watchers in this process that a change moved; others read the database. */
export class ChangeNotifier {
  readonly #listeners = new Map<string, Set<() => void>>();

  subscribe(changeId: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(changeId) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(changeId, listeners);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) {
        this.#listeners.delete(changeId);
      }
    };
  }

  moved(changeId: string): void {
    for (const listener of this.#listeners.get(changeId) ?? []) {
      listener();
    }
  }
}
