import * as z from "zod";
import { dnsLabel, dnsName, enrolment, portNumber, resourceRef, serviceRef, unixMs } from "./names.ts";

export const pathSlug = z.enum(["join-the-mesh", "require-mtls", "lock-down", "let-a-caller-in"]);
export type PathSlug = z.infer<typeof pathSlug>;

const namespaces = z.array(dnsLabel).max(200);

/** Where a path acts: in the namespaces that are named, or in the whole mesh (platform engineers only). */
const scoped = { scope: z.enum(["namespaces", "mesh"]).default("namespaces"), namespaces: namespaces.default([]) };
const oneNamespace = (form: { scope: string; namespaces: readonly string[] }): boolean =>
  form.scope === "mesh" || form.namespaces.length > 0;
const oneNamespaceMessage = { message: "Choose at least one namespace", path: ["namespaces"] };

/** Join the mesh: capture the traffic of every pod of a namespace. `enrolled: false` leaves it again. */
export const joinTheMeshForm = z.strictObject({
  namespaces: namespaces.min(1, "Choose at least one namespace"),
  enrolled: z.boolean().default(true),
});
export type JoinTheMeshForm = z.infer<typeof joinTheMeshForm>;

/** Require mutual TLS: plain text is refused. `required: false` takes the rule away. */
export const requireMtlsForm = z
  .strictObject({ ...scoped, required: z.boolean().default(true) })
  .refine(oneNamespace, oneNamespaceMessage);
export type RequireMtlsForm = z.infer<typeof requireMtlsForm>;

/** Lock down: deny what no rule allows. `locked: false` takes the rule away. */
export const lockDownForm = z
  .strictObject({
    ...scoped,
    locked: z.boolean().default(true),
    /** Where a gateway is covered, first let anyone call its hosts, so that the edge stays reachable. */
    keepGatewaysOpen: z.boolean().default(true),
  })
  .refine(oneNamespace, oneNamespaceMessage);
export type LockDownForm = z.infer<typeof lockDownForm>;

/** Who may call: an identity, or anyone (plain text too). */
export const callerChoice = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("identity"), namespace: dnsLabel, serviceAccount: dnsName }),
  z.strictObject({ kind: z.literal("anyone") }),
]);
export type CallerChoice = z.infer<typeof callerChoice>;

/** Let a caller in: by identity, on the service's ports. `allowed: false` withdraws the callers that are named. */
export const letACallerInForm = z.strictObject({
  service: serviceRef,
  callers: z.array(callerChoice).min(1, "Choose a caller").max(50),
  /** Ports of the Service (not of the pod); the right number per hop is written for you. */
  ports: z.array(portNumber).min(1, "Choose a port").max(16),
  allowed: z.boolean().default(true),
});
export type LetACallerInForm = z.infer<typeof letACallerInForm>;

/** The form of each path. */
export const pathForms = {
  "join-the-mesh": joinTheMeshForm,
  "require-mtls": requireMtlsForm,
  "lock-down": lockDownForm,
  "let-a-caller-in": letACallerInForm,
} as const;
export interface PathFormValues {
  "join-the-mesh": JoinTheMeshForm;
  "require-mtls": RequireMtlsForm;
  "lock-down": LockDownForm;
  "let-a-caller-in": LetACallerInForm;
}

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
      group: z.enum(["join", "access"]),
      /** Who may apply it somewhere. */
      applicable: z.boolean(),
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
    }),
  ),
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
  "managed-elsewhere",
  "mesh-rule-remains",
  "allowed-by-other-policy",
  "refused-by-cluster",
  "cluster-warning",
  "system-namespace",
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
});
export type Impact = z.infer<typeof impact>;

/** `POST /api/v1/golden-paths/<slug>/preview` */
export const previewRequest = z.strictObject({ values: z.unknown() });
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
  /** Overwrite somebody else's edit after the person saw both versions. */
  force: z.boolean().default(false),
});
export type ApplyRequest = z.infer<typeof applyRequest>;
