/** Releases: a version gets more and more of a service's calls, judged on the way. `/api/v1/rollouts`. */
import * as z from "zod";
import { duration } from "./golden-paths/parts.ts";
import { previewHost, releaseMatch, share, stickiness, versionName } from "./golden-paths/release.ts";
import { preview } from "./golden-paths.ts";
import { dnsLabel, person, resourceRef, serviceRef, unixMs } from "./names.ts";

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

/** A service that is asked over HTTP: 2xx is a pass, 202 not yet, everything else a miss. */
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
  replicas: z.int().min(1).max(50).default(1),
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

/**
 * queued (another release of the service runs) → waiting (its first change waits for other teams) → preparing (version
 * started, waypoint, routes) → running ⇄ paused → completed | rolled-back | failed; `undone` after completion.
 * `rolling-back` and `completing` are on the way there.
 */
export const rolloutState = z.enum([
  "queued",
  "waiting",
  "preparing",
  "running",
  "paused",
  "completing",
  "rolling-back",
  "completed",
  "rolled-back",
  "failed",
  "undone",
]);
export type RolloutState = z.infer<typeof rolloutState>;

/** States in which a release owns the shares of its service. */
export const owningStates = ["waiting", "preparing", "running", "paused", "completing", "rolling-back"] as const;
export const endedStates = ["completed", "rolled-back", "failed", "undone"] as const;

/** Why it does not move by itself. */
export const holdReason = z.enum([
  /** A step's gate. */
  "gate",
  "person",
  /** Somebody changed the route. */
  "drift",
  /** No figures from the proxies: nothing is guessed. */
  "no-telemetry",
  "mesh-unreachable",
  "freeze",
  /** Too many intervals without a verdict. */
  "inconclusive",
  /** The cluster refused a step. */
  "refused",
  /** The canary has no ready pod. */
  "no-pods",
]);
export type HoldReason = z.infer<typeof holdReason>;

export const verdict = z.enum(["pass", "fail", "inconclusive"]);
export type Verdict = z.infer<typeof verdict>;

/** One measure of one interval. */
export const measureVerdict = z.strictObject({
  /** `success`, `success-difference`, `p95`, `p95-ratio`, `webhook/<name>`, `requests`, … */
  measure: z.string(),
  title: z.string(),
  /** "at least 99 %", "at most 1.33 × stable". */
  rule: z.string(),
  /** Percent or milliseconds; null where there is none. */
  stable: z.number().nullable(),
  canary: z.number().nullable(),
  unit: z.enum(["%", "ms", "requests", "points", ""]),
  verdict,
  /** Why, with numbers: "7 of 212 failed, limit 1 %: evidence 34 : 1 of 100 : 1". */
  detail: z.string(),
});
export type MeasureVerdict = z.infer<typeof measureVerdict>;

export const intervalVerdict = z.strictObject({
  sequence: z.int(),
  step: z.int(),
  fromUnixMs: unixMs,
  toUnixMs: unixMs,
  verdict,
  stableRequests: z.int(),
  canaryRequests: z.int(),
  canaryErrors: z.int(),
  measures: z.array(measureVerdict),
});
export type IntervalVerdict = z.infer<typeof intervalVerdict>;

export const rolloutEvent = z.strictObject({
  sequence: z.int(),
  timeUnixMs: unixMs,
  level: z.enum(["info", "good", "warning", "error"]),
  /** What happened: `started`, `step`, `promoted`, `verdict`, `paused`, … picks the icon. */
  kind: z.string(),
  /** Null: the portal itself. */
  actor: person.nullable(),
  text: z.string(),
  /** The change that it wrote; null without one. */
  changeNumber: z.int().nullable(),
});
export type RolloutEvent = z.infer<typeof rolloutEvent>;

export const rolloutAction = z.enum([
  "promote",
  "promote-fully",
  "pause",
  "resume",
  "abort",
  "retry",
  "restart",
  "undo",
]);
export type RolloutAction = z.infer<typeof rolloutAction>;

/** What a button would do now. */
export const actionOffer = z.strictObject({
  action: rolloutAction,
  allowed: z.boolean(),
  /** Why not; empty when allowed. */
  because: z.string(),
  /** "Promote to 50 %". */
  title: z.string(),
  /** "moves 19.4 requests per second more to v2". */
  effect: z.string(),
  /** Requests per second that change versions; null when unknown. */
  rps: z.number().nullable(),
});
export type ActionOffer = z.infer<typeof actionOffer>;

/** What one version did since the release began (`sum`), and now (last minute). */
export const versionFigures = z.strictObject({
  version: z.string(),
  role: z.enum(["stable", "canary"]),
  rps: z.number(),
  /** Percent of the answers that are no 5xx; null without any. */
  success: z.number().nullable(),
  p50Ms: z.number().nullable(),
  p95Ms: z.number().nullable(),
  p99Ms: z.number().nullable(),
  sum: z.strictObject({ requests: z.int(), errors: z.int() }),
  pods: z.array(
    z.strictObject({ name: z.string(), ready: z.boolean(), node: z.string(), restarts: z.int(), phase: z.string() }),
  ),
});
export type VersionFigures = z.infer<typeof versionFigures>;

export const rolloutSummary = z.strictObject({
  id: z.string(),
  /** Counts up from 1: "release 12". */
  number: z.int(),
  service: serviceRef,
  kind: rolloutKind,
  stable: z.string(),
  canary: z.string(),
  state: rolloutState,
  /** Counts up with every step it takes; hand it back with a command. */
  revision: z.int(),
  hold: holdReason.nullable(),
  /** "Running at 10 %", "Rolled back: 12 of 20 failed". */
  headline: z.string(),
  /** Share that the canary has by the route that is in force. */
  weight: z.number(),
  step: z.int(),
  steps: z.int(),
  startedBy: person,
  reason: z.string(),
  createdUnixMs: unixMs,
  startedUnixMs: unixMs.nullable(),
  finishedUnixMs: unixMs.nullable(),
  /** Requests that the canary answered, and with 5xx, since the beginning. */
  canaryRequests: z.int(),
  canaryErrors: z.int(),
  bundle: z.strictObject({ id: z.string(), title: z.string() }).nullable(),
  /** Place in the queue of its service, from 1; 0 when it does not wait there. */
  queuePlace: z.int(),
});
export type RolloutSummary = z.infer<typeof rolloutSummary>;

/** A step on the track. */
export const stepProgress = z.strictObject({
  step: rolloutStep,
  state: z.enum(["done", "current", "ahead", "skipped"]),
  startedUnixMs: unixMs.nullable(),
  endedUnixMs: unixMs.nullable(),
  canaryRequests: z.int(),
  canaryErrors: z.int(),
  /** "running, interval 4 of 5", "waits for a person". */
  words: z.string(),
  /** 0 to 1 of the time or the intervals that it needs. */
  progress: z.number(),
});
export type StepProgress = z.infer<typeof stepProgress>;

/** Whether the services between the entry and this one pass the canary's header on. */
export const chainCheck = z.strictObject({
  state: z.enum(["not-asked", "asking", "passes", "lost", "unknown"]),
  checkedUnixMs: unixMs.nullable(),
  /** In the order of the call. */
  hops: z.array(
    z.strictObject({
      service: z.string(),
      version: z.string(),
      /** It got the header, and it passed it on; null: could not be seen. */
      received: z.boolean().nullable(),
      passedOn: z.boolean().nullable(),
    }),
  ),
  /** "web-api does not pass x-canary on: calls behind it get v1." */
  sentence: z.string(),
});
export type ChainCheck = z.infer<typeof chainCheck>;

/** `GET /api/v1/rollouts/<id>`; each `rollout` event of `GET /api/v1/rollouts/<id>/stream`. */
export const rolloutDetails = rolloutSummary.extend({
  spec: rolloutSpec,
  track: z.array(stepProgress),
  versions: z.array(versionFigures),
  /** The current step's first, newest last; at most 50. */
  verdicts: z.array(intervalVerdict),
  nextVerdictUnixMs: unixMs.nullable(),
  events: z.array(rolloutEvent),
  actions: z.array(actionOffer),
  /** How to reach the canary by hand, whatever its share; empty lines where there is no way. */
  reach: z.array(z.strictObject({ title: z.string(), command: z.string(), tryHref: z.string() })),
  chain: chainCheck,
  /** "SUSE edited .spec.rules of HTTPRoute …": what paused it; empty otherwise. */
  drift: z.array(z.strictObject({ resource: resourceRef, manager: z.string(), words: z.string() })),
  /** Changes that it wrote. */
  changes: z.array(z.strictObject({ id: z.string(), number: z.int(), title: z.string(), state: z.string() })),
});
export type RolloutDetails = z.infer<typeof rolloutDetails>;

/** `GET /api/v1/rollouts?namespace=&service=&state=&active=&before=&limit=`; newest first. */
export const rolloutsQuery = z.strictObject({
  namespace: dnsLabel.optional(),
  /** With `namespace`. */
  service: dnsLabel.optional(),
  state: rolloutState.optional(),
  /** Only those that have not ended. */
  active: z.stringbool().optional(),
  before: z.coerce.number().int().positive().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type RolloutsQuery = z.infer<typeof rolloutsQuery>;
export const rolloutList = z.strictObject({ rollouts: z.array(rolloutSummary), more: z.boolean() });
export type RolloutList = z.infer<typeof rolloutList>;

/** `POST /api/v1/rollouts` → 201 with the `rolloutDetails`. */
export const startRequest = z.strictObject({
  spec: rolloutSpec,
  /** When the form was opened. */
  openedUnixMs: unixMs,
  reason: z.string().max(500).default(""),
  /** Of the preview; empty from a command line: what is live then counts. */
  etag: z.string().max(128).default(""),
});
export type StartRequest = z.infer<typeof startRequest>;

/** `POST /api/v1/rollouts/preview` with a `rolloutSpec`: what starting would do. */
export const rolloutPreview = z.strictObject({
  /** Of the change that comes first. */
  first: preview,
  /** YAML of the Deployment that is started; empty when it runs already. */
  workload: z.string(),
  /** What the route will be at each step. */
  steps: z.array(z.strictObject({ weight: z.number(), rps: z.number().nullable(), words: z.string() })),
  /** Releases of the service that run or wait before it. */
  queuedBehind: z.array(z.strictObject({ id: z.string(), number: z.int(), title: z.string() })),
  /** Shortest time it takes, milliseconds; null when a person must come. */
  leastMs: z.number().nullable(),
  /** How many requests the analysis needs per step, and how long that takes at today's rate. */
  sample: z.string(),
});
export type RolloutPreview = z.infer<typeof rolloutPreview>;

/** One service, or all. */
export const rolloutOptionsQuery = z.strictObject({ namespace: dnsLabel.optional(), service: dnsLabel.optional() });

/** `GET /api/v1/rollouts/options?namespace=&service=`: what the form knows. */
export const rolloutOptions = z.strictObject({
  services: z.array(
    z.strictObject({
      service: serviceRef,
      applicable: z.boolean(),
      versions: z.array(
        z.strictObject({ version: z.string(), pods: z.int(), readyPods: z.int(), image: z.string(), rps: z.number() }),
      ),
      /** By the route in force; null: calls go to all versions. */
      stable: z.string().nullable(),
      rps: z.number(),
      p95Ms: z.number().nullable(),
      p99Ms: z.number().nullable(),
      success: z.number().nullable(),
      running: z.strictObject({ id: z.string(), number: z.int(), title: z.string() }).nullable(),
    }),
  ),
  gateways: z.array(z.strictObject({ namespace: z.string(), name: z.string() })),
});
export type RolloutOptions = z.infer<typeof rolloutOptions>;

/** `POST /api/v1/rollouts/<id>/<action>` → 202 with the `rolloutDetails`. */
export const actionRequest = z.strictObject({
  /** The revision that was looked at; a release that moved on since answers `conflict`. Null: whatever it is now. */
  revision: z.int().nullable().default(null),
  reason: z.string().max(500).default(""),
  /** For `restart`: the step to begin with, from 0. */
  step: z.int().min(0).max(19).nullable().default(null),
});
export type ActionRequest = z.infer<typeof actionRequest>;

/** `GET /api/v1/rollouts/<id>/report?format=`: for people, or the `rolloutDetails` for programs. */
export const reportQuery = z.strictObject({ format: z.enum(["markdown", "json"]).default("markdown") });

/** `GET /api/v1/rollouts/<id>/series?seconds=`: what the proxies counted, by version. */
export const seriesQuery = z.strictObject({ seconds: z.coerce.number().int().min(60).max(3_600).default(900) });
export const rolloutSeries = z.strictObject({
  stepSeconds: z.number(),
  endUnixMs: unixMs,
  /** Same length; null is a gap. The last is the newest. */
  versions: z.array(
    z.strictObject({
      version: z.string(),
      role: z.enum(["stable", "canary"]),
      rps: z.array(z.number().nullable()),
      success: z.array(z.number().nullable()),
      p50Ms: z.array(z.number().nullable()),
      p95Ms: z.array(z.number().nullable()),
      p99Ms: z.array(z.number().nullable()),
    }),
  ),
  /** Where shares moved. */
  marks: z.array(z.strictObject({ timeUnixMs: unixMs, weight: z.number(), words: z.string() })),
});
export type RolloutSeries = z.infer<typeof rolloutSeries>;

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
