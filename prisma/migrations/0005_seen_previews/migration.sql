-- What previews showed, known to every portal process and after a restart.
CREATE TABLE "seen_previews" (
    "etag" TEXT NOT NULL,
    "steps" JSONB NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "seen_previews_pkey" PRIMARY KEY ("etag")
);
CREATE INDEX "seen_previews_seen_at_idx" ON "seen_previews"("seen_at");
