/** Releases of several services that belong together. `/api/v1/rollout-bundles`. */
import * as z from "zod";
import { person, unixMs } from "./names.ts";
import { rolloutSpec } from "./rollout-spec.ts";
import { rolloutSummary } from "./rollouts.ts";

/** Releases of several services that belong together. `POST /api/v1/rollout-bundles` → 201. */
export const bundleRequest = z.strictObject({
  title: z.string().min(1, "Enter a title").max(120),
  /** `in-order`: each begins when the one before completed. */
  order: z.enum(["in-order", "together"]).default("in-order"),
  /** One that rolls back takes all of them back, the completed ones too. */
  abortTogether: z.boolean().default(true),
  specs: z.array(rolloutSpec).min(2, "Add a second release").max(10),
  openedUnixMs: unixMs,
  reason: z.string().max(500).default(""),
});
export type BundleRequest = z.infer<typeof bundleRequest>;
export const bundleDetails = z.strictObject({
  id: z.string(),
  title: z.string(),
  order: z.enum(["in-order", "together"]),
  abortTogether: z.boolean(),
  state: z.enum(["running", "completed", "rolling-back", "rolled-back", "failed"]),
  createdUnixMs: unixMs,
  startedBy: person,
  rollouts: z.array(rolloutSummary),
  abortable: z.boolean(),
  /** What of it could not be taken back, and why; empty otherwise. */
  words: z.string(),
});
export type BundleDetails = z.infer<typeof bundleDetails>;
export const bundleList = z.strictObject({ bundles: z.array(bundleDetails) });
export type BundleList = z.infer<typeof bundleList>;

/** `POST /api/v1/rollout-bundles/<id>/abort` → 202 with the `bundleDetails`. */
export const bundleAbortRequest = z.strictObject({ reason: z.string().max(500).default("") });
