-- Changes that wait for other teams, what they were made from, and requests sent for proof.
ALTER TABLE "changes"
    ADD COLUMN "origin" JSONB NOT NULL DEFAULT '{"kind":"form"}',
    ADD COLUMN "etag" TEXT NOT NULL DEFAULT '',
    ADD COLUMN "force" BOOLEAN NOT NULL DEFAULT FALSE,
    ADD COLUMN "expires_at" TIMESTAMPTZ(3),
    ADD COLUMN "probe_plan" JSONB NOT NULL DEFAULT '[]',
    ADD COLUMN "probe_results" JSONB NOT NULL DEFAULT '[]',
    ADD COLUMN "probes_pending" BOOLEAN NOT NULL DEFAULT FALSE;

ALTER TABLE "changes" DROP CONSTRAINT "changes_state_check";
ALTER TABLE "changes" ADD CONSTRAINT "changes_state_check" CHECK ("state" IN (
    'draft', 'previewed', 'waiting', 'rejected', 'withdrawn', 'expired', 'applying', 'verified', 'failed', 'undone'
));
ALTER TABLE "changes" ADD CONSTRAINT "changes_waiting_check" CHECK ("state" <> 'waiting' OR "expires_at" IS NOT NULL);
CREATE INDEX "changes_expires_at_idx" ON "changes"("expires_at") WHERE "state" = 'waiting';
CREATE INDEX "changes_probes_pending_idx" ON "changes"("id") WHERE "probes_pending";

CREATE TABLE "change_approvals" (
    "change_id" UUID NOT NULL,
    "team" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "namespaces" TEXT[],
    "state" TEXT NOT NULL DEFAULT 'waiting',
    "decided_by" TEXT,
    "decided_at" TIMESTAMPTZ(3),
    "comment" TEXT NOT NULL DEFAULT '',
    CONSTRAINT "change_approvals_pkey" PRIMARY KEY ("change_id", "team"),
    CONSTRAINT "change_approvals_change_id_fkey" FOREIGN KEY ("change_id") REFERENCES "changes"("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "change_approvals_decided_by_fkey" FOREIGN KEY ("decided_by") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "change_approvals_state_check" CHECK ("state" IN ('waiting', 'approved', 'rejected')),
    CONSTRAINT "change_approvals_decided_check" CHECK (("state" = 'waiting') = ("decided_by" IS NULL))
);
