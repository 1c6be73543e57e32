/** What others changed of resources that golden paths made. */
import * as z from "zod";
import { pathSlug } from "./golden-paths/slug.ts";
import { diffLine } from "./golden-paths.ts";
import { resourceRef, unixMs } from "./names.ts";

export const driftItem = z.strictObject({
  resource: resourceRef,
  /**
   * Removed, edited, made by somebody else under a name that a path uses, or never written: a newer version of Towpath
   * renders more for what is in force.
   */
  kind: z.enum(["removed", "edited", "in-the-way", "missing"]),
  /** Who wrote the fields last, as the API server names them: "kubectl-edit". May be empty. */
  by: z.string(),
  /** When they wrote; 0 when it is not known. */
  atUnixMs: unixMs,
  /** YAML: as the paths render it, and as it is. */
  expected: z.string(),
  live: z.string(),
  diff: z.array(diffLine),
  /** Paths in force that it belongs to. */
  intents: z.array(
    z.strictObject({
      key: z.string(),
      slug: pathSlug,
      summary: z.string(),
      /** Access that ends then: it ends here too, over the edit. Null for all others. */
      endsUnixMs: unixMs.nullable(),
    }),
  ),
  /** What taking over would mean: "retries becomes: up to 5 retries"; empty when it cannot be read back. */
  takeOver: z.string(),
  /** Why it cannot be taken over; empty when it can. */
  takeOverBlocked: z.string(),
  /** The signed-in person may act on it. */
  mine: z.boolean(),
  /** What the edit does to traffic or protection, in a sentence. */
  effect: z.string(),
});
export type DriftItem = z.infer<typeof driftItem>;

/** `GET /api/v1/drift?namespace=&service=` */
export const driftQuery = z.strictObject({
  namespace: z.string().max(63).optional(),
  service: z.string().max(127).optional(),
});
export const driftList = z.strictObject({ items: z.array(driftItem), checkedUnixMs: unixMs });
export type DriftList = z.infer<typeof driftList>;

/**
 * `POST /api/v1/drift/put-back`: write what the paths render. `POST /api/v1/drift/take-over`: keep what is live and make
 * it the paths' values. Both → 202 with the `changeSummary` of the change that does it.
 */
export const driftRequest = z.strictObject({
  resource: resourceRef,
  /** `live` as it was shown: something else by now is a conflict. */
  live: z.string().max(262_144),
  openedUnixMs: unixMs,
  reason: z.string().max(500).default(""),
});
export type DriftRequest = z.infer<typeof driftRequest>;
