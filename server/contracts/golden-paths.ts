import * as z from "zod";
import { callerChoice } from "./golden-paths/parts.ts";
import { pathGroup, pathSlug } from "./golden-paths/slug.ts";
import { enrolment, resourceRef, unixMs } from "./names.ts";

/** A path with its form filled in: open `/golden-paths/<slug>?values=<JSON, URI-encoded>`. */
export const prefilled = z.strictObject({
  slug: pathSlug,
  /** What the button says, e.g. "Let sleep call web-api". */
  title: z.string(),
  /** Why it is offered, one line; may be empty. */
  reason: z.string(),
  values: z.record(z.string(), z.unknown()),
});
export type Prefilled = z.infer<typeof prefilled>;

/** `GET /api/v1/golden-paths` */
export const goldenPathList = z.strictObject({
  paths: z.array(
    z.strictObject({
      slug: pathSlug,
      /** By need: "Let a service call mine". */
      title: z.string(),
      summary: z.string(),
      group: pathGroup,
      /** The signed-in person may apply it somewhere. */
      applicable: z.boolean(),
      /** Why not, when a platform engineer keeps it for themselves or switched it off; empty otherwise. */
      restricted: z.string(),
      /** How often it is in force, e.g. "4 of 5 namespaces". */
      inUse: z.string(),
      /** Words that find it, Istio's among them. */
      keywords: z.array(z.string()),
    }),
  ),
});
export type GoldenPathList = z.infer<typeof goldenPathList>;

export const observedCaller = z.strictObject({
  /** Empty when the caller has no identity (plain text). */
  namespace: z.string(),
  serviceAccount: z.string(),
  title: z.string(),
  enrolled: z.boolean(),
  /** Last hour. */
  allowed: z.int(),
  denied: z.int(),
  rps: z.number(),
  lastUnixMs: unixMs,
});
export type ObservedCaller = z.infer<typeof observedCaller>;

const seenName = z.strictObject({ name: z.string(), requests: z.int() });
/** What was seen of a service's requests; names of headers and claims only, never their values. */
export const seenTraffic = z.strictObject({
  methods: z.array(seenName),
  paths: z.array(
    z.strictObject({ method: z.string(), path: z.string(), requests: z.int(), errors: z.int(), p99Ms: z.number() }),
  ),
  headers: z.array(seenName),
  claims: z.array(seenName),
  issuers: z.array(seenName),
  requestsPerSecond: z.number(),
  p99Ms: z.number(),
});
export type SeenTraffic = z.infer<typeof seenTraffic>;

/** A path that is in force for a service or namespace. */
export const inForce = z.strictObject({
  slug: pathSlug,
  /** Key of the intent. */
  key: z.string(),
  /** What it does, in a few words: "up to 3 retries on 502, 503, 504". */
  summary: z.string(),
  /** Values that open the form as it is now. */
  edit: z.record(z.string(), z.unknown()),
  /** Values that take it back. */
  remove: z.record(z.string(), z.unknown()),
  untilUnixMs: unixMs.nullable(),
  changeId: z.string().nullable(),
});
export type InForce = z.infer<typeof inForce>;

/** What a number (or a duration, in milliseconds) of a form may be; null: no limit on that side. */
export const fieldRange = z.strictObject({
  field: z.string().min(1).max(64),
  min: z.number().nullable(),
  max: z.number().nullable(),
});
export type FieldRange = z.infer<typeof fieldRange>;

/** `GET /api/v1/golden-paths/<slug>/options`: what the fields of the form can offer. */
export const goldenPathOptions = z.strictObject({
  slug: pathSlug,
  namespaces: z.array(
    z.strictObject({
      name: z.string(),
      team: z.string(),
      enrolment,
      mtlsRequired: z.boolean(),
      lockedDown: z.boolean(),
      services: z.int(),
      hasGateway: z.boolean(),
      /** The signed-in person may apply here. */
      mine: z.boolean(),
    }),
  ),
  mesh: z.strictObject({ mtlsRequired: z.boolean(), lockedDown: z.boolean(), mine: z.boolean() }),
  services: z.array(
    z.strictObject({
      namespace: z.string(),
      name: z.string(),
      team: z.string(),
      mine: z.boolean(),
      enrolment,
      ports: z.array(z.strictObject({ name: z.string(), port: z.int(), targetPort: z.int(), protocol: z.string() })),
      /** Callers seen in the last hour, refused ones too. */
      observed: z.array(observedCaller),
      /** Callers let in by this path today. */
      allowed: z.array(z.strictObject({ caller: callerChoice, ports: z.array(z.int()) })),
      /** Versions of its running pods. */
      versions: z.array(z.strictObject({ version: z.string(), pods: z.int() })),
      /** Calls to it pass a waypoint; false: layer 7 rules would need one. */
      waypoint: z.boolean(),
      /** What its traffic looked like in the last hour, most frequent first, at most 100 of each. */
      seen: seenTraffic,
      /** Its regions and zones, by running pods. */
      places: z.array(z.strictObject({ region: z.string(), zone: z.string(), pods: z.int() })),
      /** What is in force for it already: `edit` opens the form filled in. */
      inForce: z.array(inForce),
    }),
  ),
  /** Ingress gateways, with the hosts they serve. */
  gateways: z.array(
    z.strictObject({
      namespace: z.string(),
      name: z.string(),
      hosts: z.array(z.string()),
      ready: z.boolean(),
      /** Certificates that its listeners use already. */
      certificates: z.array(z.string()),
    }),
  ),
  /** External authorizers that the mesh knows. */
  authorizers: z.array(z.strictObject({ name: z.string(), protocol: z.enum(["http", "grpc"]), service: z.string() })),
  /** What the platform engineers set for this path: defaults for fields, and the ranges of numbers and durations. */
  defaults: z.record(z.string(), z.unknown()),
  ranges: z.array(fieldRange),
  /** Identities that could be named: service accounts of running pods. */
  identities: z.array(
    z.strictObject({
      namespace: z.string(),
      serviceAccount: z.string(),
      /** Services and gateways that run under it. */
      services: z.array(z.string()),
      enrolled: z.boolean(),
      gateway: z.boolean(),
    }),
  ),
});
export type GoldenPathOptions = z.infer<typeof goldenPathOptions>;

/** What validation has to say. An error blocks applying, a warning does not. */
export const findingCode = z.enum([
  "unknown-namespace",
  "unknown-service",
  "unknown-caller",
  "unknown-port",
  "port-not-open",
  "anyone-may-call",
  "nothing-changes",
  "service-not-enrolled",
  "namespace-not-enrolled",
  "caller-not-enrolled",
  "gateway-cut-off",
  "plain-text-callers",
  "callers-cut-off",
  "no-pods",
  "no-traffic-seen",
  "impact-unknown",
  "managed-elsewhere",
  "mesh-rule-remains",
  "refused-by-cluster",
  "cluster-warning",
  "system-namespace",
  // Layer 7 without whoever could enforce it, or past them
  "waypoint-missing",
  "waypoint-not-ready",
  "waypoint-bypassable",
  "gateway-bypasses-waypoint",
  "waypoint-cut-off",
  "probe-cut-off",
  // Rules that do nothing, or not what they say
  "rule-unreachable",
  "rule-shadowed",
  "rule-without-effect",
  "condition-means-nothing",
  "route-conflict",
  "route-parent-port",
  "route-without-default",
  "backend-missing",
  "backend-without-pods",
  "host-unknown",
  "host-taken",
  "reference-dangling",
  "policy-ignored",
  "destination-rule-ignored",
  "token-rule-alone",
  "keys-not-loaded",
  "authorizer-missing",
  "port-exception-broken",
  "value-never-matches",
  // Numbers that do not fit together
  "retries-multiply",
  "retry-not-safe",
  "timeout-below-p99",
  "timeout-below-retries",
  "nothing-to-eject-to",
  "few-pods",
  "no-pods-in-region",
  "waypoint-not-in-region",
  "percent-does-nothing",
  "limit-below-traffic",
  // Edges
  "certificate-missing",
  "gateway-not-ready",
  "address-private",
  "other-destinations-open",
  // What platform engineers decided, and time
  "out-of-range",
  "path-restricted",
  "frozen",
  "ends-in-the-past",
  "past-its-end",
  "kept-closed",
  "side-effects",
  "not-on-this-target",
  "more-found",
]);
export type FindingCode = z.infer<typeof findingCode>;

export const finding = z.strictObject({
  level: z.enum(["error", "warning", "info"]),
  code: findingCode,
  /** What is the matter, in one or two sentences. */
  message: z.string(),
  /** Dotted path of the field it belongs to; empty for the whole form. */
  field: z.string(),
  /** A change of the form that repairs it. */
  repair: z.strictObject({ title: z.string(), values: z.record(z.string(), z.unknown()) }).nullable(),
  /** Another path that repairs it. */
  path: prefilled.nullable(),
  /** Where it is: `Kind namespace/name`, when it is about an object; empty otherwise. */
  place: z.string(),
});
export type Finding = z.infer<typeof finding>;

export const diffLine = z.strictObject({
  sign: z.enum([" ", "+", "-"]),
  /** Line numbers in the former and the new text; null where the line is absent. */
  before: z.int().nullable(),
  after: z.int().nullable(),
  text: z.string(),
});
export type DiffLine = z.infer<typeof diffLine>;

export const resourceChange = z.strictObject({
  resource: resourceRef,
  action: z.enum(["create", "update", "delete", "unchanged"]),
  /** YAML of what Towpath owns of the object; empty when absent. */
  before: z.string(),
  after: z.string(),
  diff: z.array(diffLine),
});
export type ResourceChange = z.infer<typeof resourceChange>;

export const verdict = z.enum(["allowed", "denied", "unknown"]);
export type Verdict = z.infer<typeof verdict>;

export const impactRow = z.strictObject({
  caller: z.strictObject({
    /** e.g. "recommendation", "outside", "no identity". */
    title: z.string(),
    namespace: z.string(),
    /** Without scheme; empty when the traffic proved none. */
    principal: z.string(),
  }),
  service: z.strictObject({ namespace: z.string(), name: z.string() }),
  /** Layer 4 rows carry port and no method and path. */
  port: z.int(),
  method: z.string(),
  path: z.string(),
  unit: z.enum(["requests", "connections"]),
  count: z.int(),
  lastUnixMs: unixMs,
  before: verdict,
  after: verdict,
  /** Of everything observed in the window, 0 to 1. */
  share: z.number(),
  /** Why, in a few words: "no rule names this identity". */
  reason: z.string(),
});
export type ImpactRow = z.infer<typeof impactRow>;

export const impactTotal = z.strictObject({ count: z.int(), callers: z.int() });

/** What the change would do to the traffic that was observed. */
export const impact = z.strictObject({
  windowSeconds: z.int(),
  /** Start of what is known; the window may be shorter than asked after a fresh start. 0: nothing was observed. */
  observedSinceUnixMs: unixMs,
  becomeDenied: impactTotal,
  becomeAllowed: impactTotal,
  unchanged: impactTotal,
  unknown: impactTotal,
  rows: z.array(impactRow),
  /** What the figures cannot say, e.g. that nothing was observed. */
  notes: z.array(z.string()),
  /** Why nothing could be worked out; the figures are all 0 then and say nothing. Absent when they do. */
  unknownBecause: z.string().optional(),
});
export type Impact = z.infer<typeof impact>;

/** Observed traffic that a preview looks at: an hour, a day, a week. */
export const impactWindow = z.union([z.literal(3_600), z.literal(86_400), z.literal(604_800)]);
export type ImpactWindow = z.infer<typeof impactWindow>;

/** `POST /api/v1/golden-paths/<slug>/preview` */
export const previewRequest = z.strictObject({ values: z.unknown(), windowSeconds: impactWindow.default(3_600) });
export type PreviewRequest = z.infer<typeof previewRequest>;

export const preview = z.strictObject({
  slug: pathSlug,
  /** Always first on the right: what it does, in plain English. */
  sentence: z.string(),
  findings: z.array(finding),
  resources: z.array(resourceChange),
  impact,
  /** Type this to apply; empty when nothing must be typed. */
  confirmWord: z.string(),
  /** What the button says: "Cut off 3 callers", "Enrol 4 namespaces". */
  button: z.string(),
  /** False: `blockedBecause` says why, to be shown beside the button. */
  applicable: z.boolean(),
  blockedBecause: z.string(),
  /** Teams that must agree before it is applied; empty: applied at once. */
  approval: z.array(z.strictObject({ team: z.string(), title: z.string(), namespaces: z.array(z.string()) })),
  /** Requests that will be sent for proof after it is enforced. */
  probes: z.array(z.string()),
  /** Hand it back with `apply`: applying fails with `conflict` when live resources moved meanwhile. */
  etag: z.string(),
});
export type Preview = z.infer<typeof preview>;

/** `POST /api/v1/golden-paths/<slug>/apply` → 202 with `changeSummary`; follow `/api/v1/changes/<id>/stream`. */
export const applyRequest = z.strictObject({
  values: z.unknown(),
  etag: z.string().max(128),
  /** When the form was opened, for the lead time. */
  openedUnixMs: unixMs,
  confirmation: z.string().max(253).default(""),
  reason: z.string().max(500).default(""),
  /** Overwrite somebody else's edit after the person saw both versions: with the `etag` of the conflict that showed them. */
  force: z.boolean().default(false),
});
export type ApplyRequest = z.infer<typeof applyRequest>;
