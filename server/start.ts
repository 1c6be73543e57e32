import process from "node:process";
import { createSignInLink } from "@/server/auth/sign-in-links.ts";
import { readConfig } from "@/server/config.ts";
import { closeWithParent } from "@/server/lifetime.ts";
import { createLog } from "@/server/log.ts";
import { openPortal } from "@/server/portal.ts";
import { setRunningPortal } from "@/server/running-portal.ts";
import { people } from "@/server/seed/people.ts";

/** One JSON line on stdout for the parent. */
function emit(event: Readonly<Record<string, string>>): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/**
 * Starts the back end and tells the parent: `sign-in` with a one-time link for each persona, then `ready`. What stops
 * it from starting is told as `fatal`, and the process ends, since a portal without its back end is of no use.
 */
export async function startPortal(): Promise<void> {
  try {
    const config = readConfig();
    const portal = await openPortal(config);
    setRunningPortal(portal);
    closeWithParent(() => portal.close());
    const links: Record<string, string> = {};
    for (const { id, persona } of people) {
      links[persona] = `${config.portalUrl}/sign-in?token=${await createSignInLink(portal.db, id, new Date())}`;
    }
    emit({ event: "sign-in", ...links });
    emit({ event: "ready" });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    createLog("start").error("the portal cannot start", {
      error: error instanceof Error ? (error.stack ?? message) : message,
    });
    emit({ event: "fatal", code: "portal-start", message });
    process.exit(1);
  }
}
