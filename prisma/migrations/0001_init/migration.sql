CREATE TABLE "settings" (
    "key" TEXT NOT NULL,
    "value" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "settings_pkey" PRIMARY KEY ("key")
);

CREATE TABLE "users" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "initials" TEXT NOT NULL,
    "persona" TEXT NOT NULL DEFAULT 'none',
    "subject" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "users_subject_key" ON "users"("subject");

CREATE TABLE "user_roles" (
    "user_id" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    CONSTRAINT "user_roles_pkey" PRIMARY KEY ("user_id", "role"),
    CONSTRAINT "user_roles_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "teams" (
    "name" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    CONSTRAINT "teams_pkey" PRIMARY KEY ("name")
);

CREATE TABLE "team_namespaces" (
    "namespace" TEXT NOT NULL,
    "team_name" TEXT NOT NULL,
    CONSTRAINT "team_namespaces_pkey" PRIMARY KEY ("namespace"),
    CONSTRAINT "team_namespaces_team_name_fkey" FOREIGN KEY ("team_name") REFERENCES "teams"("name") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "memberships" (
    "user_id" TEXT NOT NULL,
    "team_name" TEXT NOT NULL,
    CONSTRAINT "memberships_pkey" PRIMARY KEY ("user_id", "team_name"),
    CONSTRAINT "memberships_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "memberships_team_name_fkey" FOREIGN KEY ("team_name") REFERENCES "teams"("name") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "sessions" (
    "token_hash" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "sessions_pkey" PRIMARY KEY ("token_hash"),
    CONSTRAINT "sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "sessions_expires_at_idx" ON "sessions"("expires_at");

CREATE TABLE "sign_in_links" (
    "token_hash" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),
    CONSTRAINT "sign_in_links_pkey" PRIMARY KEY ("token_hash"),
    CONSTRAINT "sign_in_links_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "intents" (
    "key" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "namespace" TEXT NOT NULL,
    "values" JSONB NOT NULL,
    "change_id" UUID,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "intents_pkey" PRIMARY KEY ("key")
);
CREATE INDEX "intents_namespace_idx" ON "intents"("namespace");

CREATE TABLE "changes" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "number" SERIAL NOT NULL,
    "slug" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "sentence" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "author_id" TEXT NOT NULL,
    "namespaces" TEXT[],
    "services" TEXT[],
    "values" JSONB NOT NULL,
    "reason" TEXT NOT NULL DEFAULT '',
    "intents" JSONB NOT NULL,
    "resources" JSONB NOT NULL,
    "findings" JSONB NOT NULL,
    "impact" JSONB NOT NULL,
    "receipt" JSONB,
    "failure" TEXT NOT NULL DEFAULT '',
    "undo_of" UUID,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "applied_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    CONSTRAINT "changes_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "changes_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "changes_undo_of_fkey" FOREIGN KEY ("undo_of") REFERENCES "changes"("id") ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT "changes_state_check" CHECK ("state" IN ('draft', 'previewed', 'applying', 'verified', 'failed', 'undone'))
);
CREATE UNIQUE INDEX "changes_number_key" ON "changes"("number");
CREATE INDEX "changes_state_idx" ON "changes"("state");

CREATE TABLE "change_events" (
    "change_id" UUID NOT NULL,
    "sequence" INTEGER NOT NULL,
    "time" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "level" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    CONSTRAINT "change_events_pkey" PRIMARY KEY ("change_id", "sequence"),
    CONSTRAINT "change_events_change_id_fkey" FOREIGN KEY ("change_id") REFERENCES "changes"("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "audit" (
    "sequence" BIGSERIAL NOT NULL,
    "time" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor_id" TEXT,
    "actor_name" TEXT NOT NULL DEFAULT '',
    "actor_initials" TEXT NOT NULL DEFAULT '',
    "action" TEXT NOT NULL,
    "object" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "detail" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    CONSTRAINT "audit_pkey" PRIMARY KEY ("sequence")
);
CREATE INDEX "audit_actor_id_idx" ON "audit"("actor_id");

CREATE FUNCTION "audit_is_append_only"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit records cannot be changed or removed';
END
$$;
CREATE TRIGGER "audit_no_change" BEFORE UPDATE OR DELETE ON "audit"
    FOR EACH ROW EXECUTE FUNCTION "audit_is_append_only"();
CREATE TRIGGER "audit_no_truncate" BEFORE TRUNCATE ON "audit"
    FOR EACH STATEMENT EXECUTE FUNCTION "audit_is_append_only"();

CREATE TABLE "telemetry_minutes" (
    "bucket" TIMESTAMPTZ(0) NOT NULL,
    "kind" TEXT NOT NULL,
    "series" TEXT NOT NULL,
    "labels" JSONB NOT NULL,
    "data" JSONB NOT NULL,
    CONSTRAINT "telemetry_minutes_pkey" PRIMARY KEY ("bucket", "kind", "series")
);

CREATE TABLE "telemetry_hours" (
    "bucket" TIMESTAMPTZ(0) NOT NULL,
    "kind" TEXT NOT NULL,
    "series" TEXT NOT NULL,
    "labels" JSONB NOT NULL,
    "data" JSONB NOT NULL,
    CONSTRAINT "telemetry_hours_pkey" PRIMARY KEY ("bucket", "kind", "series")
);
