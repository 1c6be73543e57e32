import type { Impact } from "@/server/contracts/golden-paths.ts";

const none = { count: 0, callers: 0 };

/** Nothing could be worked out, and why: plain sentences for whoever looks at the preview. */
export const unknownImpact = (windowSeconds: number, because: string): Impact => ({
  windowSeconds,
  observedSinceUnixMs: 0,
  becomeDenied: none,
  becomeAllowed: none,
  unchanged: none,
  unknown: none,
  rows: [],
  notes: [because],
  unknownBecause: because,
});
