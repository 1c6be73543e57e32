import * as z from "zod";
import { denialReason } from "@/mesh-runtime/api/telemetry.ts";
import { prefilled } from "./golden-paths.ts";
import { hop, resourceRef, sparkline, unixMs } from "./names.ts";

export { denialReason };
export type DenialReason = z.infer<typeof denialReason>;

export const denialCaller = z.strictObject({
  /** "sleep", "no identity", "outside". */
  title: z.string(),
  namespace: z.string(),
  /** Without scheme; empty when none was proven. */
  principal: z.string(),
  pod: z.string(),
  ip: z.string(),
});

/** Alike refusals: caller → service → reason. */
export const denialGroup = z.strictObject({
  id: z.string(),
  /** Graph node ids, to open the edge. */
  from: z.string(),
  to: z.string(),
  caller: denialCaller,
  service: z.strictObject({ namespace: z.string(), name: z.string() }),
  destinationPod: z.string(),
  port: z.int(),
  /** Layer 7 only; empty at layer 4. */
  method: z.string(),
  path: z.string(),
  host: z.string(),
  reason: denialReason,
  /** Short: "Identity not named". */
  reasonTitle: z.string(),
  /** Whole: who was refused, by which rule, and why. */
  sentence: z.string(),
  hop,
  node: z.string(),
  policy: resourceRef.nullable(),
  policyAction: z.enum(["ALLOW", "DENY", "CUSTOM", ""]),
  /** Who decided: "waypoint default/waypoint", "gateway …", or only "agent". */
  enforcer: z.string(),
  /** Index from 0; -1 when no rule came close. */
  rule: z.int(),
  /** The rule as it stands in the live policy, or what the policy says in words; empty when it is gone. */
  ruleText: z.string(),
  /** As in an AuthorizationPolicy, e.g. "source.principal". */
  attribute: z.string(),
  /** Name of the header or claim that decided; empty for other attributes. */
  attributeName: z.string(),
  /** What the rule asks for, e.g. the identities it names. */
  expected: z.array(z.string()),
  /** Empty where telemetry does not carry it: values of headers and claims. */
  was: z.string(),
  /** HTTP status, 0 for a reset connection. */
  answer: z.int(),
  /** "reset", "403". */
  answerTitle: z.string(),
  count: z.int(),
  firstUnixMs: unixMs,
  lastUnixMs: unixMs,
  /** Last hour. */
  trend: sparkline,
  /** How it was decided, in order. */
  steps: z.array(z.strictObject({ outcome: z.enum(["passed", "skipped", "failed"]), text: z.string() })),
  /** The change since which it happens, when one is known. */
  since: z
    .strictObject({ id: z.string(), number: z.int(), title: z.string(), author: z.string(), timeUnixMs: unixMs })
    .nullable(),
  fix: prefilled.nullable(),
  /** What to do where no form repairs it, and the command that opens the policy; it may be empty. */
  nextStep: z.strictObject({ text: z.string(), command: z.string() }).nullable(),
});
export type DenialGroup = z.infer<typeof denialGroup>;

/** `GET /api/v1/denials?window=&caller=&service=&hop=&reason=` */
export const denialsQuery = z.strictObject({
  window: z.coerce.number().int().min(60).max(3600).default(3600),
  /** `<namespace>/<name>` of graph nodes. */
  caller: z.string().max(127).optional(),
  service: z.string().max(127).optional(),
  hop: hop.optional(),
  reason: denialReason.optional(),
});
export type DenialsQuery = z.infer<typeof denialsQuery>;

export const denialList = z.strictObject({
  windowSeconds: z.int(),
  groups: z.array(denialGroup),
  refusals: z.int(),
  /** 0 to 1 of everything that was sent; null without traffic. */
  share: z.number().nullable(),
  newestUnixMs: unixMs,
});
export type DenialList = z.infer<typeof denialList>;

/** `GET /api/v1/denials/requests` (same query): newest first, at most 500; alike ones within a second are one row. */
export const deniedRequests = z.strictObject({
  requests: z.array(
    z.strictObject({
      timeUnixMs: unixMs,
      groupId: z.string(),
      caller: denialCaller,
      service: z.strictObject({ namespace: z.string(), name: z.string() }),
      port: z.int(),
      method: z.string(),
      path: z.string(),
      reasonTitle: z.string(),
      hop,
      node: z.string(),
      /** "waypoint default/waypoint", as in the groups. */
      enforcer: z.string(),
      answerTitle: z.string(),
      count: z.int(),
    }),
  ),
});
export type DeniedRequests = z.infer<typeof deniedRequests>;
