-- Rules whose end date has come and that could not be taken back yet; edits of others that a change overwrites.
ALTER TABLE "intents"
    ADD COLUMN "end_tries" INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN "end_retry_at" TIMESTAMPTZ(3),
    ADD COLUMN "end_failure" TEXT NOT NULL DEFAULT '';

ALTER TABLE "changes" ADD COLUMN "overwritten" JSONB NOT NULL DEFAULT '[]';
