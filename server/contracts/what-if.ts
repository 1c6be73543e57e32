/** Can A call B? Asked of the engine that enforces. */
import * as z from "zod";
import { headerName, method } from "./golden-paths/parts.ts";
import { pathSlug } from "./golden-paths/slug.ts";
import { finding, prefilled, verdict } from "./golden-paths.ts";
import { dnsLabel, dnsName, hop, portNumber, serviceRef } from "./names.ts";

/** `POST /api/v1/what-if` */
export const whatIfRequest = z.strictObject({
  caller: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("identity"), namespace: dnsLabel, serviceAccount: dnsName }),
    /** Plain text, without identity. */
    z.strictObject({ kind: z.literal("plain") }),
    /** From outside, through an ingress gateway. */
    z.strictObject({
      kind: z.literal("outside"),
      gateway: z.strictObject({ namespace: dnsLabel, name: dnsName }),
      host: z.string().max(253),
    }),
  ]),
  service: serviceRef,
  port: portNumber,
  method: method.default("GET"),
  path: z
    .string()
    .min(1)
    .max(2_048)
    .regex(/^\/[\x21-\x7e]*$/, "A path begins with /")
    .default("/"),
  headers: z
    .array(z.strictObject({ name: headerName, value: z.string().max(4_096) }))
    .max(32)
    .default([]),
  /** Claims of a token that is taken as valid; null: no token. */
  token: z
    .strictObject({
      issuer: z.string().max(2_048),
      subject: z.string().max(1_024),
      claims: z.record(z.string().max(256), z.unknown()),
    })
    .nullable()
    .default(null),
  /** Ask as if this form were applied; null: as it is. */
  with: z.strictObject({ slug: pathSlug, values: z.unknown() }).nullable().default(null),
});
export type WhatIfRequest = z.infer<typeof whatIfRequest>;

/** A place on the way, and what is decided there. */
export const whatIfHop = z.strictObject({
  at: hop,
  /** "agent of node-a", "waypoint default/waypoint". */
  enforcer: z.string(),
  /** Identity that is seen there, without scheme; empty on plain text. */
  principal: z.string(),
  verdict,
  /** `<namespace>/<name>` of the policy that decides, its rule from 0 (-1: none), and the attribute that decided. */
  policy: z.string(),
  rule: z.int(),
  attribute: z.string(),
  /** Why, in a sentence. */
  reason: z.string(),
  /** External authorizers whose answer is not known. */
  asks: z.array(z.string()),
});
export type WhatIfHop = z.infer<typeof whatIfHop>;

export const whatIf = z.strictObject({
  verdict,
  /** "sleep may not call httpbin: POST /headers. The waypoint default/waypoint refuses it." */
  sentence: z.string(),
  hops: z.array(whatIfHop),
  /** Where it would be routed when it is allowed: backends with their share in percent, retries, timeout; empty when refused. */
  route: z.strictObject({
    /** `HTTPRoute namespace/name`, its rule; empty for the default. */
    resource: z.string(),
    backends: z.array(z.strictObject({ service: z.string(), version: z.string(), percent: z.number() })),
    words: z.array(z.string()),
  }),
  findings: z.array(finding),
  /** Paths that would change the answer. */
  fixes: z.array(prefilled),
  /** "Send it for real": what to fill into the page "Try it"; null when nobody can send as this caller. */
  tryIt: z.record(z.string(), z.unknown()).nullable(),
});
export type WhatIf = z.infer<typeof whatIf>;
