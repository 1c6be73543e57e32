/** The times of one exchange. */
export class ExchangeTimers {
  #request: NodeJS.Timeout | undefined;
  #try: NodeJS.Timeout | undefined;
  #wait: NodeJS.Timeout | undefined;

  /** The whole request; replaces what was set. */
  request(ms: number, then: () => void): void {
    clearTimeout(this.#request);
    this.#request = setTimeout(then, Math.max(0, ms));
  }

  /** One try. */
  try(ms: number, then: () => void): void {
    clearTimeout(this.#try);
    this.#try = setTimeout(then, ms);
  }

  /** A delay before the request, or between tries. */
  wait(ms: number, then: () => void): void {
    clearTimeout(this.#wait);
    this.#wait = setTimeout(then, ms);
  }

  stopRequest(): void {
    clearTimeout(this.#request);
  }

  stopTry(): void {
    if (this.#try !== undefined) {
      clearTimeout(this.#try);
      this.#try = undefined;
    }
  }

  stop(): void {
    clearTimeout(this.#request);
    clearTimeout(this.#try);
    clearTimeout(this.#wait);
  }
}
