/** How often the speed of a body is judged. */
const windowMs = 30_000;

/** How fast a body of known length comes, so that one that trickles does not hold a place for hours. */
export class BodySpeed {
  #sinceMs = 0;
  #bytes = 0;

  took(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Begins anew with the next question: another body, or we did not read. */
  restart(): void {
    this.#sinceMs = 0;
  }

  /** Whether less than `bytesPerSecond` came in the last window. Ask about once a second. */
  below(bytesPerSecond: number, nowMs: number): boolean {
    const spanMs = nowMs - this.#sinceMs;
    if (this.#sinceMs !== 0 && spanMs < windowMs) {
      return false;
    }
    const slow = this.#sinceMs !== 0 && (this.#bytes * 1_000) / spanMs < bytesPerSecond;
    this.#sinceMs = nowMs;
    this.#bytes = 0;
    return slow;
  }
}
