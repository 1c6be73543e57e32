import * as z from "zod";
import { changeSummary } from "./changes.ts";
import { pathSlug } from "./golden-paths/slug.ts";
import { inForce, prefilled } from "./golden-paths.ts";
import { enrolment, health, hop, resourceRef, sparkline, unixMs } from "./names.ts";
import { answerCount, certificate, graphEdge, latencySeries, pathCount, versionShare } from "./traffic.ts";

/** The waypoint that calls to a service go through, or should. */
export const waypointState = z.strictObject({
  /** `<namespace>/<name>`. */
  waypoint: z.string(),
  /** `refused`: the service asks for it and is not bound; the others as on the mesh page. */
  way: z.enum(["guarded", "open", "unknown", "refused"]),
  /** The control plane's words: which pods and ports are open, or why it is not bound; empty when all is well. */
  text: z.string(),
  pods: z.int(),
  readyPods: z.int(),
});
export type WaypointState = z.infer<typeof waypointState>;

export const serviceSummary = z.strictObject({
  namespace: z.string(),
  name: z.string(),
  kind: z.enum(["service", "gateway", "waypoint"]),
  team: z.string(),
  /** Owned by a team of the signed-in person. */
  mine: z.boolean(),
  health,
  healthReason: z.string(),
  versions: z.array(versionShare),
  pods: z.int(),
  readyPods: z.int(),
  enrolment,
  rps: z.number(),
  errorShare: z.number(),
  p95Ms: z.number().nullable(),
  deniedPerSecond: z.number(),
  /** Of what its callers sent; null without traffic. */
  mtlsShare: z.number().nullable(),
  callers: z.int(),
  callees: z.int(),
  /** Some AuthorizationPolicy restricts who may call. */
  authorized: z.boolean(),
  mtlsRequired: z.boolean(),
  /** null: its calls go through none, and none is asked for. */
  waypoint: waypointState.nullable(),
  /** A policy asks for HTTP attributes that only a waypoint knows, and there is none. */
  layer7Unenforced: z.boolean(),
  /** Last hour. */
  rate: sparkline,
});
export type ServiceSummary = z.infer<typeof serviceSummary>;

/** `GET /api/v1/services?window=` */
export const serviceList = z.strictObject({ windowSeconds: z.int(), services: z.array(serviceSummary) });
export type ServiceList = z.infer<typeof serviceList>;

export const servicePod = z.strictObject({
  name: z.string(),
  version: z.string(),
  node: z.string(),
  zone: z.string(),
  ip: z.string(),
  phase: z.string(),
  ready: z.boolean(),
  restarts: z.int(),
  captured: z.boolean(),
  serviceAccount: z.string(),
  startedUnixMs: unixMs,
});
export type ServicePod = z.infer<typeof servicePod>;

export const appliedPolicy = z.strictObject({
  resource: resourceRef,
  /** Mesh, namespace, workload (selector), or gateway (targetRefs). */
  scope: z.enum(["mesh", "namespace", "workload", "service", "gateway"]),
  effect: z.enum(["allow", "deny", "deny-all", "audit", "ask", "require-mtls", "permit-plain-text"]),
  /** Decides nothing: only told what it would have decided. */
  dryRun: z.boolean(),
  /** Plain English. */
  sentence: z.string(),
  managedByTowpath: z.boolean(),
  /** Hops that enforce it for this service; empty: nobody does, and `enforcedText` says why. */
  enforcedBy: z.array(hop),
  enforcedText: z.string(),
});
export type AppliedPolicy = z.infer<typeof appliedPolicy>;

/** What routes, limits or protects calls to a service besides policies. */
export const appliedRouting = z.strictObject({
  resource: resourceRef,
  /** `about`: it acts on calls to the service; `leads-here`: it sends requests of other names to it. */
  role: z.enum(["about", "leads-here"]),
  /** Plain English. */
  sentence: z.string(),
  managedByTowpath: z.boolean(),
  /** `in-force`, `not-in-force` with the reason in `notes`, `pending` until proxies acknowledged, `unknown`: not said. */
  state: z.enum(["in-force", "not-in-force", "pending", "unknown"]),
  /** Conditions worth a look: what is wrong first. */
  notes: z.array(z.strictObject({ type: z.string(), good: z.boolean(), reason: z.string(), message: z.string() })),
});
export type AppliedRouting = z.infer<typeof appliedRouting>;

/** `GET /api/v1/services/<namespace>/<name>?window=` */
export const serviceDetails = z.strictObject({
  windowSeconds: z.int(),
  summary: serviceSummary,
  hostnames: z.array(z.string()),
  ports: z.array(z.strictObject({ name: z.string(), port: z.int(), targetPort: z.int(), protocol: z.string() })),
  podList: z.array(servicePod),
  identities: z.array(
    z.strictObject({ spiffeId: z.string(), serviceAccount: z.string(), certificates: z.array(certificate) }),
  ),
  callers: z.array(graphEdge),
  callees: z.array(graphEdge),
  paths: z.array(pathCount),
  answers: z.array(answerCount),
  series: latencySeries,
  policies: z.array(appliedPolicy),
  routing: z.array(appliedRouting),
  /** Each path as it stands for this service; "edit" opens `edit`. */
  goldenPaths: z.array(
    z.strictObject({
      slug: pathSlug,
      title: z.string(),
      active: z.boolean(),
      /** Current values in words; empty when not active. */
      sentence: z.string(),
      edit: prefilled,
      /** Each time that it is in force here, for the service or its namespace; rules written by hand are not among them. */
      inForce: z.array(inForce),
    }),
  ),
  changes: z.array(changeSummary),
});
export type ServiceDetails = z.infer<typeof serviceDetails>;
