/**
 * The generic cell rate algorithm (ITU-T I.371, "virtual scheduling"): a bucket is one time, when it would be full again.
 * Times are milliseconds with fractions.
 */
export interface Rate {
  /** Between two requests at the steady rate. */
  readonly intervalMs: number;
  /** Requests at once; at least 1. */
  readonly burst: number;
}

/** A bucket: the theoretical arrival time. In the past: full. */
export interface Bucket {
  fullAtMs: number;
}

/** Requests that a bucket would still take now. */
export function available({ intervalMs, burst }: Rate, { fullAtMs }: Bucket, nowMs: number): number {
  const used = Math.max(0, fullAtMs - nowMs) / intervalMs;
  // A request that fits but for rounding fits.
  return Math.max(0, Math.floor(burst - used + 1e-9));
}

/** Takes a request out of a bucket that has one. */
export function take({ intervalMs }: Rate, bucket: Bucket, nowMs: number): void {
  bucket.fullAtMs = Math.max(bucket.fullAtMs, nowMs) + intervalMs;
}

/** Time until the bucket takes another request; 0: now. */
export function waitMs({ intervalMs, burst }: Rate, { fullAtMs }: Bucket, nowMs: number): number {
  return Math.max(0, fullAtMs - nowMs - (burst - 1) * intervalMs);
}
