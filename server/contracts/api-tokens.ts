/** Tokens for programs: they act as the person who made them, within their scopes. `/api/v1/tokens`. */
import * as z from "zod";
import { unixMs } from "./names.ts";

/** What a token may do; each route that takes tokens names one. Everything else refuses them. */
export const tokenScope = z.enum(["rollouts:read", "rollouts:control", "rollouts:start"]);
export type TokenScope = z.infer<typeof tokenScope>;

export const apiToken = z.strictObject({
  id: z.string(),
  name: z.string(),
  /** The first characters, to tell tokens apart. */
  prefix: z.string(),
  scopes: z.array(tokenScope),
  createdUnixMs: unixMs,
  expiresUnixMs: unixMs,
  lastUsedUnixMs: unixMs.nullable(),
  expired: z.boolean(),
});
export type ApiToken = z.infer<typeof apiToken>;

/** `GET /api/v1/tokens`: those of the signed-in person. */
export const tokenList = z.strictObject({ tokens: z.array(apiToken) });
export type TokenList = z.infer<typeof tokenList>;

/** `POST /api/v1/tokens` → 201 with `madeToken`. */
export const tokenRequest = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1, "Enter a name")
    .max(60)
    // Others read it in the audit and in terminals: nothing that is not seen, and nothing that turns text round.
    .regex(
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
      /^[^\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]*$/,
      "Use characters that can be seen",
    ),
  scopes: z.array(tokenScope).min(1, "Choose at least one").max(tokenScope.options.length),
  days: z.int().min(1).max(365).default(30),
});
export type TokenRequest = z.infer<typeof tokenRequest>;

/** The only time that the secret is told. `DELETE /api/v1/tokens/<id>` ends it. */
export const madeToken = z.strictObject({ token: apiToken, secret: z.string() });
export type MadeToken = z.infer<typeof madeToken>;
