import * as z from "zod";
import { problemConflict } from "./errors.ts";
import { pathSlug } from "./golden-paths/slug.ts";
import { finding, impact, resourceChange } from "./golden-paths.ts";
import { person, resourceRef, unixMs } from "./names.ts";

/**
 * draft → previewed → (waiting for approval) → applying → verified | failed; `undone` once another change took it back.
 * Waiting ends without applying as rejected, withdrawn by its author, or expired.
 */
export const changeState = z.enum([
  "draft",
  "previewed",
  "waiting",
  "rejected",
  "withdrawn",
  "expired",
  "applying",
  "verified",
  "failed",
  "undone",
]);
export type ChangeState = z.infer<typeof changeState>;

/** The propagation receipt: what the proxies acknowledged. */
export const receipt = z.strictObject({
  /** False while proxies are still missing, or when the wait timed out. */
  complete: z.boolean(),
  enforced: z.int(),
  total: z.int(),
  /** What is counted: proxies, or pods for joining the mesh. */
  unit: z.enum(["proxies", "pods"]),
  /** From the first write to the last acknowledgement. */
  afterMs: z.number(),
  /** "Enforced on 3 of 3 proxies after 38 ms". */
  message: z.string(),
  resources: z.array(
    z.strictObject({
      resource: resourceRef,
      status: z.enum(["True", "False", "Unknown"]),
      reason: z.string(),
      message: z.string(),
    }),
  ),
});
export type Receipt = z.infer<typeof receipt>;

/** What one team, or the platform engineers (`platform`), said about a change that waits for them. */
export const approval = z.strictObject({
  team: z.string(),
  /** "Purchase history". */
  title: z.string(),
  /** What is theirs of the change. */
  namespaces: z.array(z.string()),
  state: z.enum(["waiting", "approved", "rejected"]),
  by: person.nullable(),
  atUnixMs: unixMs.nullable(),
  comment: z.string(),
  /** The signed-in person may decide for this team now. Nobody decides about their own change. */
  mine: z.boolean(),
});
export type Approval = z.infer<typeof approval>;

/** A request that was sent for proof after the change was enforced, and its answer. */
export const probeResult = z.strictObject({
  /** "as sleep: GET /headers with x-test-me". */
  sentence: z.string(),
  /** The same by hand. */
  command: z.string(),
  expected: z.enum(["reaches", "refused", "status"]),
  /** With `expected: "status"`; else 0. */
  expectedStatus: z.int(),
  /** 0: no answer at all, the connection was refused or reset. */
  status: z.int(),
  passed: z.boolean(),
  /** "200", "403 from the waypoint", or why it could not be sent. */
  words: z.string(),
  atUnixMs: unixMs,
  ms: z.number(),
});
export type ProbeResult = z.infer<typeof probeResult>;

export const changeSummary = z.strictObject({
  id: z.string(),
  /** Counts up from 1: "change 209". */
  number: z.int(),
  slug: pathSlug,
  /** "Lock down namespace web-api". */
  title: z.string(),
  sentence: z.string(),
  state: changeState,
  author: person,
  /** Namespaces it touches; `istio-system` stands for the whole mesh. */
  namespaces: z.array(z.string()),
  reason: z.string(),
  createdUnixMs: unixMs,
  finishedUnixMs: unixMs.nullable(),
  /** From opening the form to enforced on all proxies; null until verified. */
  leadTimeMs: z.number().nullable(),
  receipt: receipt.nullable(),
  undoOf: z.strictObject({ id: z.string(), number: z.int() }).nullable(),
  undoneBy: z.strictObject({ id: z.string(), number: z.int() }).nullable(),
  /** The release that wrote it as one of its steps; null when a person did. */
  rollout: z.strictObject({ id: z.string(), number: z.int() }).nullable(),
  /** The signed-in person may undo it now; otherwise `undoBlockedBecause` says why not. */
  undoable: z.boolean(),
  undoBlockedBecause: z.string(),
  /** Why it failed and what was done about it; empty otherwise. */
  failure: z.string(),
  /** Who must agree, and what they said; empty where nobody must. */
  approvals: z.array(approval),
  /** While it waits: stands for what would be written; hand it back with an approval. Else empty. */
  etag: z.string(),
  /** While it waits: when it expires. */
  expiresUnixMs: unixMs.nullable(),
  /** The signed-in person proposed it and may take it back while it waits. */
  withdrawable: z.boolean(),
  /** Sent after it was enforced; empty where nothing could be sent without effects, or not yet. */
  probes: z.array(probeResult),
});
export type ChangeSummary = z.infer<typeof changeSummary>;

export const changeEvent = z.strictObject({
  sequence: z.int(),
  timeUnixMs: unixMs,
  level: z.enum(["info", "warning", "error"]),
  /** One line: "Applied AuthorizationPolicy web-api/web-api-callers". */
  text: z.string(),
});
export type ChangeEvent = z.infer<typeof changeEvent>;

/** Somebody else's edit that a change overwrites, kept with it. */
export const overwrittenEdit = problemConflict.extend({
  /** Who wrote last, as the API server names them: "kubectl-edit". May be empty. */
  by: z.string(),
  /** When; 0 when it is not known. */
  atUnixMs: unixMs,
});
export type OverwrittenEdit = z.infer<typeof overwrittenEdit>;

/** `GET /api/v1/changes/<id>`; each `change` event of `GET /api/v1/changes/<id>/stream` (ends after a final state). */
export const changeDetails = changeSummary.extend({
  values: z.record(z.string(), z.unknown()),
  findings: z.array(finding),
  resources: z.array(resourceChange),
  /** Edits of others that it overwrites, with what was expected and what was there. */
  overwritten: z.array(overwrittenEdit),
  /** As it was when it was applied. */
  impact,
  events: z.array(changeEvent),
});
export type ChangeDetails = z.infer<typeof changeDetails>;

/**
 * `POST /api/v1/changes/<id>/approve` and `/reject` → 202 with the `changeSummary`; the last approval applies it. Agreeing
 * to a version that the change no longer is, is a `conflict`.
 */
export const decisionRequest = z.strictObject({
  /** The change's `etag` as it was shown. */
  etag: z.string().max(128),
  /** Teams that the person speaks for; empty: all of theirs that are asked. */
  teams: z.array(z.string().max(63)).max(32).default([]),
  comment: z.string().max(1_000).default(""),
});
export type DecisionRequest = z.infer<typeof decisionRequest>;

/** `POST /api/v1/changes/<id>/withdraw` → the `changeSummary`. */
export const withdrawRequest = z.strictObject({ comment: z.string().max(1_000).default("") });
export type WithdrawRequest = z.infer<typeof withdrawRequest>;

/** `GET /api/v1/changes?namespace=&state=&before=&limit=`; newest first. */
export const changesQuery = z.strictObject({
  namespace: z.string().max(63).optional(),
  service: z.string().max(127).optional(),
  slug: pathSlug.optional(),
  state: changeState.optional(),
  /** Only those that wait for the signed-in person's word. */
  forMe: z.stringbool().optional(),
  /** Change number to continue before. */
  before: z.coerce.number().int().positive().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type ChangesQuery = z.infer<typeof changesQuery>;

export const changeList = z.strictObject({ changes: z.array(changeSummary), more: z.boolean() });
export type ChangeList = z.infer<typeof changeList>;

/** `POST /api/v1/changes/<id>/undo` → 202 with the `changeSummary` of the change that takes it back. */
export const undoRequest = z.strictObject({
  openedUnixMs: unixMs,
  reason: z.string().max(500).default(""),
  /** Overwrite somebody else's edit, as the conflict showed it: with its `etag`. */
  force: z.boolean().default(false),
  etag: z.string().max(128).optional(),
});
export type UndoRequest = z.infer<typeof undoRequest>;
