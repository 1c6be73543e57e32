import * as z from "zod";
import { person, unixMs } from "./names.ts";

export const auditAction = z.enum([
  "sign-in",
  "sign-out",
  "change-apply",
  "change-undo",
  "change-verified",
  "change-failed",
  "change-propose",
  "change-approve",
  "change-reject",
  "change-withdraw",
  "change-expired",
  "rollout-start",
  "rollout-promote",
  "rollout-pause",
  "rollout-resume",
  "rollout-abort",
  "rollout-retry",
  "rollout-restart",
  "rollout-undo",
  "rollout-ended",
  "token-made",
  "token-ended",
  "try-it",
  "settings-update",
  "audit-export",
]);
export type AuditAction = z.infer<typeof auditAction>;

export const auditRecord = z.strictObject({
  sequence: z.int(),
  timeUnixMs: unixMs,
  /** null: nobody was signed in, or the portal itself acted. */
  actor: person.nullable(),
  action: auditAction,
  /** What it was about: "change 12", "namespace web-api". */
  object: z.string(),
  outcome: z.enum(["done", "refused", "failed"]),
  detail: z.string(),
  address: z.string(),
});
export type AuditRecord = z.infer<typeof auditRecord>;

/** `GET /api/v1/audit?before=&limit=&actor=&action=&outcome=`; newest first. `GET /api/v1/audit/export` is CSV. */
export const auditQuery = z.strictObject({
  before: z.coerce.number().int().positive().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  actor: z.string().max(64).optional(),
  action: auditAction.optional(),
  outcome: z.enum(["done", "refused", "failed"]).optional(),
});
export type AuditQuery = z.infer<typeof auditQuery>;

export const auditList = z.strictObject({ records: z.array(auditRecord), more: z.boolean() });
export type AuditList = z.infer<typeof auditList>;
