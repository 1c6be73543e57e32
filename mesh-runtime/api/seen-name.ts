import * as z from "zod";

/**
 * A name that sampled requests to a service carried, with in how many of them since the last push; never a value but the
 * issuer of a token that was verified. `requests` with an empty name is the number of requests that were looked at, so that
 * shares can be told.
 */
export const seenName = z.strictObject({
  service: z.string().max(512),
  serviceNamespace: z.string().max(512),
  kind: z.enum(["requests", "header", "claim", "issuer"]),
  /** Headers in lower case. */
  name: z.string().max(256),
  count: z.int().positive(),
});
export type SeenName = z.infer<typeof seenName>;
