import { owningStates } from "@/server/contracts/rollouts.ts";
import type { Database } from "@/server/db/client.ts";
import { PortalError } from "@/server/errors.ts";
import { canonical } from "@/server/golden-paths/resource.ts";
import type { Proposal } from "./proposal.ts";

/** The shares of a service are its release's while one is on its way. Throws PortalError `release-running`. */
export async function mustLeaveReleasesAlone(
  { intentChanges }: Pick<Proposal, "intentChanges">,
  db: Database,
): Promise<void> {
  for (const { before, after } of intentChanges) {
    const shares = after ?? before;
    if (shares?.slug === "release-a-version" && canonical(before ?? null) !== canonical(after ?? null)) {
      const { namespace, name } = shares.service;
      const running = await db.rollout.findFirst({
        where: { namespace, service: name, state: { in: [...owningStates] } },
        select: { number: true },
      });
      if (running !== null) {
        throw new PortalError(
          "release-running",
          `Release ${running.number} shares the calls to ${name} at this moment. Promote or abort it there, or wait for its end.`,
        );
      }
    }
  }
}
