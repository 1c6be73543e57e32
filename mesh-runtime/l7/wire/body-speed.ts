import type { Exchange } from "../exchange.ts";

/** How fast a body comes, so that one that trickles does not hold a place for hours. */
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

  /** Whether less than `bytesPerSecond` came in the last window of `windowMs`. Ask about once a second. */
  below(bytesPerSecond: number, windowMs: number, nowMs: number): boolean {
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

/**
 * Whether a body may be slow and silent for long, because both sides talk as they like: gRPC, upgrades, and a body without
 * a length whose answer has begun.
 */
export const mayTrickle = ({ request, responding }: Pick<Exchange, "request" | "responding">): boolean =>
  request.grpc || request.upgrade !== undefined || (responding && request.body.kind === "stream");
