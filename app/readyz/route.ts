import { readiness } from "@/server/http/readiness.ts";

export const dynamic = "force-dynamic";

/** The portal can serve: 200, or 503 with what is missing. */
export const GET = readiness;
