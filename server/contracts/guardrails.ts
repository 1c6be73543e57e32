/** What platform engineers set for golden paths. */
import * as z from "zod";
import { pathSlug } from "./golden-paths/slug.ts";
import { fieldRange } from "./golden-paths.ts";
import { dnsLabel, person, unixMs } from "./names.ts";

/** What holds for one path. A path without a rule is free to all who own the place. */
export const pathRule = z.strictObject({
  slug: pathSlug,
  /** Who may apply it: those who own the namespaces, platform engineers only, or nobody. */
  who: z.enum(["owners", "platform", "nobody"]).default("owners"),
  /** Platform engineers must agree, also where the author owns the place. */
  approval: z.boolean().default(false),
  /** Values that the form starts with, by field. */
  defaults: z.record(z.string().max(64), z.unknown()).default({}),
  ranges: z.array(fieldRange).max(32).default([]),
});
export type PathRule = z.infer<typeof pathRule>;

/** A time in which nothing is changed, in some namespaces or everywhere. */
export const freezeWindow = z
  .strictObject({
    id: z.string().max(64),
    title: z.string().min(1, "Say why").max(200),
    /** Empty: everywhere. */
    namespaces: z.array(dnsLabel).max(200).default([]),
    startUnixMs: unixMs,
    endUnixMs: unixMs,
  })
  .refine(({ startUnixMs, endUnixMs }) => startUnixMs < endUnixMs, {
    message: "The end is before the start",
    path: ["endUnixMs"],
  });
export type FreezeWindow = z.infer<typeof freezeWindow>;

/** `GET` and `PUT /api/v1/settings/guardrails`; everybody reads, platform engineers write. */
export const guardrails = z.strictObject({
  paths: z.array(pathRule).max(32),
  freezes: z.array(freezeWindow).max(100),
  /** How long a change waits for approval before it expires. */
  approvalHours: z.int().min(1).max(720).default(72),
});
export type Guardrails = z.infer<typeof guardrails>;

export const guardrailsView = guardrails.extend({
  /** Hand it back with `PUT`: what somebody else wrote meanwhile is a conflict. */
  etag: z.string(),
  editable: z.boolean(),
  changedBy: person.nullable(),
  changedUnixMs: unixMs.nullable(),
});
export type GuardrailsView = z.infer<typeof guardrailsView>;

export const guardrailsRequest = guardrails.extend({ etag: z.string().max(128) });
export type GuardrailsRequest = z.infer<typeof guardrailsRequest>;
