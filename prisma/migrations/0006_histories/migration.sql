-- What is kept of a release's intervals and events once it ended long ago; their rows but the last are gone then.
CREATE TABLE "rollout_histories" (
    "rollout_id" UUID NOT NULL,
    "verdicts" JSONB NOT NULL,
    "events" JSONB NOT NULL,
    "kept_at" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "rollout_histories_pkey" PRIMARY KEY ("rollout_id"),
    CONSTRAINT "rollout_histories_rollout_id_fkey" FOREIGN KEY ("rollout_id") REFERENCES "rollouts"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "rollouts_finished_at_idx" ON "rollouts"("finished_at");
-- Since when a bundle is on its way back: what its releases did before says nothing about that.
ALTER TABLE "rollout_bundles" ADD COLUMN "back_at" TIMESTAMPTZ(3);
