import * as z from "zod";

const count = z.coerce.number().int().nonnegative();
const flag = z
  .enum(["true", "false", "1", "0", ""])
  .transform((text) => text === "true" || text === "1" || text === "");

/** Query of `GET /logs/…` (core/v1 PodLogOptions). */
export const logOptions = z.object({
  follow: flag.default(false),
  previous: flag.default(false),
  timestamps: flag.default(false),
  tailLines: count.optional(),
  limitBytes: count.min(1).optional(),
  sinceSeconds: count.min(1).optional(),
  sinceTime: z.iso.datetime({ offset: true }).optional(),
});
export type LogOptions = z.infer<typeof logOptions>;
