/** Forms about what happens when calls fail, are slow or too many. All need a waypoint. */
import * as z from "zod";
import { portNumber, serviceRef } from "../names.ts";
import { duration, headerName, pathPrefix, percentage, requestRule, until } from "./parts.ts";

const statusOfError = z.int().min(400, "A status from 400 to 599").max(599, "A status from 400 to 599");

export const retriesValues = {
  /** Tries after the first; 0 forbids what the mesh does by itself. */
  attempts: z.int().min(0).max(10, "At most 10").default(3),
  /** Answers that are tried again; connections that fail always are. */
  codes: z.array(statusOfError).max(32).default([502, 503, 504]),
  backoff: duration.default("25ms"),
  /** Longest wait for one try; null: the whole time. */
  perTry: duration.nullable().default(null),
  /** Only methods that may be repeated without harm (RFC 9110 §9.2.2). */
  safeOnly: z.boolean().default(true),
  /** Share of requests in flight that may be tries again; null for no limit. */
  budgetPercent: z.int().min(1).max(100).nullable().default(20),
} as const;
/** Repeat calls that fail. `enabled: false` takes the rule away. */
export const retriesForm = z.strictObject({
  service: serviceRef,
  ...retriesValues,
  enabled: z.boolean().default(true),
});
export type RetriesForm = z.infer<typeof retriesForm>;

export const timeoutsValues = {
  /** Longest time for a request with all its tries. */
  request: duration,
  /** Other times for single parts of the service. */
  paths: z
    .array(z.strictObject({ path: pathPrefix, request: duration }))
    .max(6)
    .default([]),
} as const;
/** Stop waiting. `enabled: false` takes the rule away. */
export const timeoutsForm = z.strictObject({
  service: serviceRef,
  ...timeoutsValues,
  enabled: z.boolean().default(true),
});
export type TimeoutsForm = z.infer<typeof timeoutsForm>;

const limitOf = z.int().min(1).max(1_000_000).nullable().default(null);
export const circuitBreakerValues = {
  /** 5xx answers in a row after which a pod gets no calls. */
  consecutiveErrors: z.int().min(1).max(1000).default(5),
  /** How often pods are looked at. */
  interval: duration.default("10s"),
  /** How long a pod is left out for the first time; longer each time again. */
  ejectFor: duration.default("30s"),
  /** At most this share of the pods. */
  maxEjectedPercent: z.int().min(1).max(100).default(50),
  /** Null: no limit. */
  maxConnections: limitOf,
  maxPending: limitOf,
  maxRequests: limitOf,
  /** A pod that comes back gets its full share after this time; null: at once. */
  slowStart: duration.nullable().default(null),
} as const;
/** Leave failing pods out, and limit what waits. `enabled: false` takes the rule away. */
export const circuitBreakerForm = z.strictObject({
  service: serviceRef,
  ...circuitBreakerValues,
  enabled: z.boolean().default(true),
});
export type CircuitBreakerForm = z.infer<typeof circuitBreakerForm>;

const requestCount = z.int().min(1, "At least 1").max(1_000_000_000);
export const rateLimitEntry = z
  .strictObject({
    requests: requestCount,
    interval: duration.default("1s"),
    /** Requests at once; null: as many as `requests`. */
    burst: requestCount.nullable().default(null),
    /** What is counted apart. */
    per: z.enum(["total", "caller", "header"]).default("caller"),
    /** With `per: "header"`. */
    header: z.union([headerName, z.literal("")]).default(""),
    /** Requests that count; null: all. */
    only: requestRule.nullable().default(null),
    /** Other numbers for single callers (`<namespace>/<service account>`) or header values. */
    overrides: z
      .array(z.strictObject({ value: z.string().min(1).max(1024), requests: requestCount }))
      .max(64)
      .default([]),
  })
  .refine(({ per, header }) => (per === "header") === (header !== ""), {
    message: "Enter the header",
    path: ["header"],
  });
export type RateLimitEntry = z.infer<typeof rateLimitEntry>;
export const rateLimitValues = { limits: z.array(rateLimitEntry).min(1, "Add a limit").max(8) } as const;
/** Limit how often a service is called. `enabled: false` takes the rule away. */
export const rateLimitForm = z.strictObject({
  service: serviceRef,
  ...rateLimitValues,
  enabled: z.boolean().default(true),
});
export type RateLimitForm = z.infer<typeof rateLimitForm>;

/** Where requests are sent as well, or instead: another service, or one version of the same. */
export const backendChoice = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("service"), service: serviceRef, port: portNumber }),
  z.strictObject({
    kind: z.literal("version"),
    version: z
      .string()
      .min(1)
      .max(63)
      .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/),
  }),
]);
export type BackendChoice = z.infer<typeof backendChoice>;

export const mirrorValues = { to: backendChoice, percent: percentage.default(100) } as const;
/** Send copies of requests to another version; its answers are thrown away. `enabled: false` stops it. */
export const mirrorTrafficForm = z.strictObject({
  service: serviceRef,
  ...mirrorValues,
  enabled: z.boolean().default(true),
});
export type MirrorTrafficForm = z.infer<typeof mirrorTrafficForm>;

export const faultValues = {
  delay: z.strictObject({ percent: percentage, time: duration }).nullable().default(null),
  abort: z
    .strictObject({ percent: percentage, status: z.int().min(200).max(599) })
    .nullable()
    .default(null),
  /** Only requests with this header; null: all of them. */
  onlyWith: z
    .strictObject({ header: headerName, value: z.string().min(1).max(1024) })
    .nullable()
    .default(null),
  until,
} as const;
/** Make calls slow or fail on purpose. `enabled: false` stops it. */
export const testWithFaultsForm = z
  .strictObject({ service: serviceRef, ...faultValues, enabled: z.boolean().default(true) })
  .refine(({ delay, abort }) => delay !== null || abort !== null, {
    message: "Choose a delay or an error",
    path: ["delay"],
  });
export type TestWithFaultsForm = z.infer<typeof testWithFaultsForm>;
