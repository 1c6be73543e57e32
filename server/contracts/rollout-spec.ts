/** A release as it is asked for: versions, steps, and how the new one is judged. */
import * as z from "zod";
import { duration } from "./golden-paths/parts.ts";
import { previewHost, releaseMatch, share, stickiness, versionName } from "./golden-paths/release.ts";
import { serviceRef } from "./names.ts";

/** What people choose; all of them are steps in the end. */
export const rolloutKind = z.enum([
  "header-canary",
  "weighted",
  "blue-green",
  "mirror-first",
  "ab-test",
  "progressive",
]);
export type RolloutKind = z.infer<typeof rolloutKind>;

export const rolloutStep = z.strictObject({
  /** Share of the calls that the canary answers. */
  weight: share,
  /** Share that is copied to it. */
  mirror: share.default(0),
  /** Stays at least this long. */
  hold: duration.default("0s"),
  /** Judged while it stays; the step ends with enough passed intervals only. */
  analysis: z.boolean().default(true),
  /** Before it goes on, a person says so. */
  gate: z.boolean().default(false),
  /** A gate that waited so long ends as `onGateTimeout` says; null: it waits. */
  gateTimeout: duration.nullable().default(null),
  onGateTimeout: z.enum(["roll-back", "promote"]).default("roll-back"),
});
export type RolloutStep = z.infer<typeof rolloutStep>;

const milliseconds = z.number().positive().max(600_000);

/** Limits of a latency; null: none. */
export const latencyRule = z.strictObject({
  quantile: z.union([z.literal(50), z.literal(95), z.literal(99)]),
  maxMs: milliseconds.nullable().default(null),
  /** At most so many times what the stable version has. */
  maxRatio: z.number().min(1).max(100).nullable().default(null),
});
export type LatencyRule = z.infer<typeof latencyRule>;

/**
 * A service that is asked over HTTP: 2xx is a pass, 202 not yet, everything else a miss. Before and after the steps 5xx
 * and no answer are "not yet" as well: it is asked again for 5 minutes.
 */
export const webhookRule = z.strictObject({
  name: z.string().min(1).max(63),
  when: z.enum(["before", "during", "after"]),
  /** Everybody who looks at the release reads it: it holds no credentials. */
  url: z
    .url({ protocol: /^https?$/, error: "Enter an address that begins with http://" })
    .max(2048)
    .refine(
      (url) => !/^https?:[\\/]*[^\\/?#]*@/i.test(url),
      "Leave out name and password: everybody who looks at the release would read them",
    ),
  timeout: duration.default("5s"),
});
export type WebhookRule = z.infer<typeof webhookRule>;

/** How the canary is judged; each interval compares both versions over the same time. */
export const analysisRules = z.strictObject({
  // Proxies report once a second.
  interval: duration.refine((text) => /[1-9][0-9]*(h|m|s)(?![a-z])/.test(text), "At least 1s").default("30s"),
  /** Intervals in a row that must pass before a step ends. */
  passes: z.int().min(1).max(100).default(2),
  /** Intervals in a row that may miss; one more rolls back. */
  misses: z.int().min(0).max(100).default(1),
  /** No verdict about a version below this many requests. */
  minRequests: z.int().min(1).max(1_000_000).default(50),
  /** Percent of the answers that must be no 5xx; null: no limit. */
  minSuccess: z.number().min(0).max(100).nullable().default(99),
  /** Percentage points that it may be worse than stable; null: not compared. */
  maxWorse: z.number().min(0).max(100).nullable().default(1),
  latency: z.array(latencyRule).max(3).default([]),
  /** Intervals without a verdict after which `onInconclusive` applies. */
  inconclusive: z.int().min(1).max(10_000).default(20),
  onInconclusive: z.enum(["wait", "ask", "roll-back"]).default("ask"),
  /** Absolute limits of the whole release; null: none. */
  maxFailedRequests: z.int().min(1).max(10_000_000).nullable().default(null),
  maxMinutes: z.int().min(1).max(43_200).nullable().default(null),
  webhooks: z.array(webhookRule).max(8).default([]),
});
export type AnalysisRules = z.infer<typeof analysisRules>;

/** A new version, run beside the others: the stable version's Deployment with these differences. */
export const newVersion = z.strictObject({
  image: z.string().max(512).regex(/^\S*$/, "An image has no spaces").default(""),
  /** Empty: as the stable version. */
  command: z.array(z.string().max(4096)).max(64).default([]),
  /** Null: as many as the stable version has when they are started. */
  replicas: z.int().min(1).max(50).nullable().default(null),
});
export type NewVersion = z.infer<typeof newVersion>;

export const rolloutSpec = z
  .strictObject({
    service: serviceRef,
    kind: rolloutKind,
    stable: versionName,
    canary: versionName,
    /** Null: it runs already. */
    start: newVersion.nullable().default(null),
    match: z.array(releaseMatch).max(4).default([]),
    sticky: stickiness.nullable().default(null),
    preview: previewHost.nullable().default(null),
    steps: z.array(rolloutStep).min(1, "Add a step").max(20),
    analysis: analysisRules.prefault({}),
    /** What to do with the old version's pods at the end; null: they stay. Whole minutes until they are stopped. */
    stopOldAfterMinutes: z.int().min(0).max(10_080).nullable().default(null),
  })
  .refine(({ stable, canary }) => stable !== canary, { message: "Choose another version", path: ["canary"] })
  .refine(({ steps }) => steps.every(({ weight }, index) => index === 0 || weight >= (steps[index - 1]?.weight ?? 0)), {
    message: "The share may only grow from step to step",
    path: ["steps"],
  });
export type RolloutSpec = z.infer<typeof rolloutSpec>;
