import { STATUS_CODES } from "node:http";
import { type Problem, problemStatus } from "@/server/contracts/errors.ts";
import { isPortalError, PortalError } from "@/server/errors.ts";
import type { Log } from "@/server/log.ts";

/** The error as `application/problem+json`; what is no PortalError is logged whole and shown as "internal". */
export function problemResponse(error: unknown, log: Log): Response {
  const known = isPortalError(error) ? error : unexpected(error);
  if (known.code === "internal") {
    log.error("request failed", { error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
  const status = problemStatus[known.code];
  const body: Problem = {
    type: `https://towpath.dev/problems/${known.code}`,
    title: STATUS_CODES[status] ?? "Error",
    status,
    code: known.code,
    detail: known.userMessage,
    ...(known.fields.length === 0 ? {} : { fields: [...known.fields] }),
    ...(known.conflicts.length === 0 ? {} : { conflicts: [...known.conflicts] }),
    ...(known.etag === "" ? {} : { etag: known.etag }),
  };
  const headers = new Headers({ "content-type": "application/problem+json", "cache-control": "no-store" });
  if (status === 503 || status === 429) {
    headers.set("retry-after", "1");
  }
  return new Response(JSON.stringify(body), { status, headers });
}

const connectionCodes = new Set([
  "ECONNREFUSED",
  "ENOENT",
  "ECONNRESET",
  "57P01",
  "57P02",
  "57P03",
  "08006",
  "P1001",
  "P1017",
]);

function unexpected(error: unknown): PortalError {
  const code = findCode(error);
  if (code !== undefined && connectionCodes.has(code)) {
    return new PortalError(
      "database-unavailable",
      "The portal's database does not answer. It is started again by itself; try again in a few seconds.",
      { cause: error },
    );
  }
  return new PortalError("internal", "Something went wrong inside the portal. Try again; its log says more.", {
    cause: error,
  });
}

/** Prisma wraps the driver's error more than once, and tells PostgreSQL's own code in the text only. */
function findCode(error: unknown, depth = 0): string | undefined {
  if (typeof error !== "object" || error === null || depth > 4) {
    return undefined;
  }
  const { code, cause, message } = error as { code?: unknown; cause?: unknown; message?: unknown };
  const inText = /Code: `(\w+)`/.exec(typeof message === "string" ? message : "")?.[1];
  const original = (cause as { originalCode?: unknown } | undefined)?.originalCode;
  const known = [code, inText, original].find(
    (candidate): candidate is string => typeof candidate === "string" && connectionCodes.has(candidate),
  );
  return known ?? findCode(cause, depth + 1);
}
