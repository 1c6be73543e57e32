/** Releases: a version gets more and more of a service's calls, judged on the way. `/api/v1/rollouts`. */
import * as z from "zod";
import { preview } from "./golden-paths.ts";
import { dnsLabel, person, resourceRef, serviceRef, unixMs } from "./names.ts";
import { rolloutKind, rolloutSpec, rolloutStep } from "./rollout-spec.ts";

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
  /** Somebody changed the route, or what runs as the canary. */
  "drift",
  /** No figures from the proxies: nothing is guessed. */
  "no-telemetry",
  "mesh-unreachable",
  "freeze",
  /** Too many intervals without a verdict. */
  "inconclusive",
  /** A step was refused, by the cluster or by a rule of the portal. */
  "refused",
  /** Another team said no to a step, or did not answer in time. */
  "rejected",
  /** The canary has no ready pod. */
  "no-pods",
  /** On its way back: the stable version has no ready pod, so calls stay where they are answered. */
  "no-stable-pods",
]);
export type HoldReason = z.infer<typeof holdReason>;

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

/** More about a hold, as it is at this moment. */
export const holding = z.strictObject({
  /** In the words of whoever caused it: "Peter Chen rejected it: not on a Friday"; empty where the reason says all. */
  words: z.string(),
  /** It is tried again by itself then; null: not by the clock. */
  againUnixMs: unixMs.nullable(),
  /** The command that answers it, and that its state allows; null: none, it ends by itself. */
  act: rolloutAction.nullable(),
});
export type Holding = z.infer<typeof holding>;

/** A gate that does not wait for ever. */
export const gateEnds = z.strictObject({
  does: z.enum(["roll-back", "promote"]),
  /** When it does so by itself; null while something else holds the release, which stops the clock. */
  atUnixMs: unixMs.nullable(),
  /** What is left when the clock stands, milliseconds; at `atUnixMs` it is over. */
  leftMs: z.int(),
});
export type GateEnds = z.infer<typeof gateEnds>;

/** What going back would meet, or meets. */
export const wayBack = z.strictObject({
  version: z.string(),
  readyPods: z.int(),
  /** `at-once`; `starts-pods`: of an undo, which waits for them; `waits`: calls stay until a pod of it is ready. */
  goes: z.enum(["at-once", "starts-pods", "waits"]),
  /** "v1 has 2 ready pods: going back is at once", "v1 has no ready pod: …". */
  words: z.string(),
});
export type WayBack = z.infer<typeof wayBack>;

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
  /** What the canary answered to copies of calls, judged beside the above; null where nothing was copied. */
  copies: z.strictObject({ requests: z.int(), errors: z.int() }).nullable().default(null),
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
  /** For `restart`: the effect of each step, from 0; empty otherwise. */
  steps: z.array(z.string()),
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
  /** Share that the canary is given; while a step is being written the proxies may still have the one before. */
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
  /** Since when shares of its own are in force, which is what `maxMinutes` counts; null before. */
  enteredUnixMs: unixMs.nullable(),
  /**
   * Once it has ended: which versions the shares in force now lead to, whoever wrote them. `weight` 0: only what a
   * header, a cookie, a caller or a host leads there. Empty: no shares hold, and every ready pod gets its part.
   */
  answering: z.array(z.strictObject({ version: z.string(), weight: z.number() })),
  /** Null while nothing holds it. */
  holding: holding.nullable(),
  /** Null: it is at no gate, or one that waits for a person however long. */
  gateEnds: gateEnds.nullable(),
  /** Null once there is nothing to take back. */
  wayBack: wayBack.nullable(),
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
  /** "SUSE edited .spec.rules of HTTPRoute …", or of the canary's Deployment: what paused it; empty otherwise. */
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
export const seriesQuery = z.strictObject({ seconds: z.coerce.number().int().min(60).max(86_400).default(900) });
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
  /**
   * Points before it are what the analysis wrote down of its intervals: all points within an interval are alike, and
   * steps that were not judged are gaps. Null: every point is what the proxies counted in its own time.
   */
  storedUntilUnixMs: unixMs.nullable(),
  /** Where shares moved. */
  marks: z.array(z.strictObject({ timeUnixMs: unixMs, weight: z.number(), words: z.string() })),
});
export type RolloutSeries = z.infer<typeof rolloutSeries>;
