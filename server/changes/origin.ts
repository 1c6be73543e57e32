/** What a change is made from, so that it can be proposed again when the last approval came. */
import * as z from "zod";
import type { PathFormValues } from "@/server/contracts/golden-paths/forms.ts";
import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import { resourceRef } from "@/server/contracts/names.ts";

export const origin = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("form") }),
  /** Takes another change back. */
  z.object({ kind: z.literal("undo"), changeId: z.string() }),
  /** Writes what the paths render over what somebody else did. */
  z.object({ kind: z.literal("put-back"), resource: resourceRef }),
  /** Makes what somebody else did the paths' values. */
  z.object({ kind: z.literal("take-over"), resource: resourceRef }),
  /**
   * A step of a release; `by` is who asked for it, null for the release itself; `back`: it gives the new version no more
   * than it has.
   */
  z.object({ kind: z.literal("rollout"), rolloutId: z.string(), by: z.string().nullable(), back: z.boolean() }),
  /** Its time is over. */
  z.object({ kind: z.literal("end"), key: z.string() }),
]);
export type Origin = z.infer<typeof origin>;

/** A change that somebody wants. */
export interface Wish {
  readonly origin: Origin;
  readonly slug: PathSlug;
  readonly values: PathFormValues[PathSlug];
}
