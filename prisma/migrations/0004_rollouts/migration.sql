-- Releases: their machine, what they judged and did; bundles of them; tokens for programs.
CREATE TABLE "rollout_bundles" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "title" TEXT NOT NULL,
    "order" TEXT NOT NULL,
    "abort_together" BOOLEAN NOT NULL,
    "state" TEXT NOT NULL,
    "reason" TEXT NOT NULL DEFAULT '',
    "started_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),
    CONSTRAINT "rollout_bundles_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "rollout_bundles_started_by_fkey" FOREIGN KEY ("started_by") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "rollout_bundles_order_check" CHECK ("order" IN ('in-order', 'together')),
    CONSTRAINT "rollout_bundles_state_check" CHECK ("state" IN ('running', 'completed', 'rolling-back', 'rolled-back', 'failed'))
);

CREATE TABLE "rollouts" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "number" SERIAL NOT NULL,
    "namespace" TEXT NOT NULL,
    "service" TEXT NOT NULL,
    "spec" JSONB NOT NULL,
    "state" TEXT NOT NULL,
    "revision" INTEGER NOT NULL DEFAULT 0,
    "machine" JSONB NOT NULL,
    "before" JSONB,
    "reason" TEXT NOT NULL DEFAULT '',
    "started_by" TEXT NOT NULL,
    "address" TEXT NOT NULL DEFAULT '',
    "bundle_id" UUID,
    "bundle_index" INTEGER NOT NULL DEFAULT 0,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    CONSTRAINT "rollouts_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "rollouts_started_by_fkey" FOREIGN KEY ("started_by") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "rollouts_bundle_id_fkey" FOREIGN KEY ("bundle_id") REFERENCES "rollout_bundles"("id") ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT "rollouts_state_check" CHECK ("state" IN (
        'queued', 'waiting', 'preparing', 'running', 'paused', 'completing', 'rolling-back', 'completed', 'rolled-back', 'failed', 'undone'
    ))
);
CREATE UNIQUE INDEX "rollouts_number_key" ON "rollouts"("number");
CREATE INDEX "rollouts_state_idx" ON "rollouts"("state");
CREATE INDEX "rollouts_namespace_service_idx" ON "rollouts"("namespace", "service");
-- One owner of a service's shares at a time, whatever the programs above do.
CREATE UNIQUE INDEX "rollouts_one_owner_key" ON "rollouts"("namespace", "service")
    WHERE "state" IN ('waiting', 'preparing', 'running', 'paused', 'completing', 'rolling-back');

CREATE TABLE "rollout_events" (
    "rollout_id" UUID NOT NULL,
    "sequence" INTEGER NOT NULL,
    "time" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "level" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "actor_id" TEXT,
    "text" TEXT NOT NULL,
    "change_number" INTEGER,
    CONSTRAINT "rollout_events_pkey" PRIMARY KEY ("rollout_id", "sequence"),
    CONSTRAINT "rollout_events_rollout_id_fkey" FOREIGN KEY ("rollout_id") REFERENCES "rollouts"("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "rollout_events_actor_id_fkey" FOREIGN KEY ("actor_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT "rollout_events_level_check" CHECK ("level" IN ('info', 'good', 'warning', 'error'))
);

CREATE TABLE "rollout_verdicts" (
    "rollout_id" UUID NOT NULL,
    "sequence" INTEGER NOT NULL,
    "step" INTEGER NOT NULL,
    "from_at" TIMESTAMPTZ(3) NOT NULL,
    "to_at" TIMESTAMPTZ(3) NOT NULL,
    "verdict" TEXT NOT NULL,
    "counts" JSONB NOT NULL,
    "measures" JSONB NOT NULL,
    CONSTRAINT "rollout_verdicts_pkey" PRIMARY KEY ("rollout_id", "sequence"),
    CONSTRAINT "rollout_verdicts_rollout_id_fkey" FOREIGN KEY ("rollout_id") REFERENCES "rollouts"("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "rollout_verdicts_verdict_check" CHECK ("verdict" IN ('pass', 'fail', 'inconclusive'))
);

ALTER TABLE "changes" ADD COLUMN "rollout_id" UUID;
ALTER TABLE "changes" ADD CONSTRAINT "changes_rollout_id_fkey" FOREIGN KEY ("rollout_id") REFERENCES "rollouts"("id") ON DELETE SET NULL ON UPDATE CASCADE;
CREATE INDEX "changes_rollout_id_idx" ON "changes"("rollout_id");

CREATE TABLE "api_tokens" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "token_hash" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "scopes" TEXT[],
    "user_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    CONSTRAINT "api_tokens_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "api_tokens_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "api_tokens_token_hash_key" ON "api_tokens"("token_hash");
CREATE INDEX "api_tokens_user_id_idx" ON "api_tokens"("user_id");
