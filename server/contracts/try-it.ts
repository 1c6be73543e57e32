import * as z from "zod";
import { dnsLabel, dnsName } from "./names.ts";
import { behindTheScenes } from "./traffic.ts";

/** Send as a pod of a workload, or from outside through the ingress gateway. */
export const trySource = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("workload"), namespace: dnsLabel, workload: dnsName }),
  z.strictObject({ kind: z.literal("outside") }),
]);
export type TrySource = z.infer<typeof trySource>;

/** `GET /api/v1/try` */
export const tryOptions = z.strictObject({
  sources: z.array(
    z.strictObject({
      source: trySource,
      title: z.string(),
      namespace: z.string(),
      serviceAccount: z.string(),
      ready: z.boolean(),
      /** The signed-in person may send as this workload. */
      mine: z.boolean(),
    }),
  ),
  /** URLs worth trying; `host` is set for those through the gateway. */
  targets: z.array(
    z.strictObject({ title: z.string(), url: z.string(), host: z.string(), service: z.string(), outside: z.boolean() }),
  ),
});
export type TryOptions = z.infer<typeof tryOptions>;

export const tryMethod = z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** `POST /api/v1/try` → `application/x-ndjson` of `tryEvent`. */
export const tryRequest = z.strictObject({
  source: trySource,
  method: tryMethod.default("GET"),
  url: z.url({ protocol: /^https?$/, error: "Enter an address that begins with http://" }).max(2048),
  headers: z
    .array(
      z.strictObject({
        name: z
          .string()
          .min(1)
          .max(128)
          .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "A header name has no spaces or colons"),
        value: z
          .string()
          .max(4096)
          .regex(/^[\t\x20-\x7e\x80-\xff]*$/, "A header value is one line"),
      }),
    )
    .max(32)
    .default([]),
  body: z.string().max(65_536).default(""),
  count: z.int().min(1).max(1000).default(1),
  concurrency: z.int().min(1).max(16).default(1),
  timeoutMs: z.int().min(100).max(30_000).default(5000),
});
export type TryRequest = z.infer<typeof tryRequest>;

/** One line of the answer. */
export const tryEvent = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("start"),
    /** Pod that sends; empty for outside. */
    pod: z.string(),
    node: z.string(),
    serviceAccount: z.string(),
    /** The same by hand: a kubectl exec or curl line to copy. */
    commandLine: z.string(),
  }),
  z.strictObject({
    type: z.literal("answer"),
    index: z.int(),
    /** 0 when no answer came; then `error` says why. */
    status: z.int(),
    latencyMs: z.number(),
    /** Version and pod that answered, when the body says so; else empty. */
    service: z.string(),
    version: z.string(),
    pod: z.string(),
    headers: z.array(z.strictObject({ name: z.string(), value: z.string() })),
    /** At most 16 KiB. */
    body: z.string(),
    truncated: z.boolean(),
    error: z.string(),
  }),
  z.strictObject({
    type: z.literal("end"),
    sent: z.int(),
    byStatus: z.array(z.strictObject({ status: z.int(), count: z.int() })),
    byVersion: z.array(z.strictObject({ version: z.string(), count: z.int() })),
    p50Ms: z.number().nullable(),
    p95Ms: z.number().nullable(),
    p99Ms: z.number().nullable(),
    /** Refusals by policy seen meanwhile on the way: group id and sentence of the denials page. */
    denials: z.array(
      z.strictObject({
        groupId: z.string(),
        sentence: z.string(),
        count: z.int(),
        /** "Path not allowed". */
        reasonTitle: z.string(),
        /** "waypoint default/waypoint". */
        enforcer: z.string(),
        /** HTTP status that it answered, 0 for a reset connection. */
        answer: z.int(),
        /** What the rule asks for, and what came; both may be empty. */
        expected: z.array(z.string()),
        was: z.string(),
        nextStep: z.string(),
      }),
    ),
    /** What proxies did meanwhile at the service that was called, for all its callers; null where none is in the way. */
    behind: behindTheScenes.nullable(),
    /** Why it stopped early; empty otherwise. */
    error: z.string(),
  }),
]);
export type TryEvent = z.infer<typeof tryEvent>;
