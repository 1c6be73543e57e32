import { readIntents } from "@/server/changes/current-intents.ts";
import { readHeldShares } from "@/server/changes/held-shares.ts";
import { rolloutSpec } from "@/server/contracts/rollout-spec.ts";
import type { Database } from "@/server/db/client.ts";
import { PortalError } from "@/server/errors.ts";
import type { IntentSet } from "@/server/golden-paths/intent.ts";
import type { Owner, Shares } from "../ports.ts";
import { sharesIn } from "./shares.ts";

export interface ReleaseFacts {
  readonly canary: string;
  readonly intents: IntentSet;
  /** By the intents in force. */
  readonly inForce: Shares | undefined;
  /** What routes say: held shares go before the intents. */
  readonly now: Shares | undefined;
  /** Shares were written ahead of the books. */
  readonly held: boolean;
}

/** Throws PortalError `not-found`. */
export async function readRelease({ rolloutId, service }: Owner, db: Database): Promise<ReleaseFacts> {
  const [row, intents, held] = await Promise.all([
    db.rollout.findUnique({ where: { id: rolloutId }, select: { spec: true } }),
    readIntents(db),
    readHeldShares(db),
  ]);
  if (row === null) {
    throw new PortalError("not-found", "There is no such release. The list of releases has them all.");
  }
  const inForce = sharesIn(intents, service);
  const ahead = sharesIn(held, service);
  const { canary } = rolloutSpec.parse(row.spec);
  return { canary, intents, inForce, now: ahead ?? inForce, held: ahead !== undefined };
}
