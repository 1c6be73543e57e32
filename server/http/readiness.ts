import { runningPortal } from "@/server/running-portal.ts";

const databaseTimeoutMs = 2_000;

/** Started, database answers, mesh's API listed once. */
export async function readiness(): Promise<Response> {
  const portal = runningPortal();
  const missing: string[] = [];
  if (portal === undefined) {
    missing.push("starting");
  } else {
    const timeout = new Promise((_resolve, reject) => setTimeout(reject, databaseTimeoutMs).unref());
    await Promise.race([portal.pool.query("SELECT 1"), timeout]).catch(() => missing.push("database"));
    if (!portal.cluster.connected) {
      missing.push("mesh API");
    }
  }
  return new Response(missing.length === 0 ? "ready\n" : `missing: ${missing.join(", ")}\n`, {
    status: missing.length === 0 ? 200 : 503,
    headers: { "content-type": "text/plain", "cache-control": "no-store" },
  });
}
