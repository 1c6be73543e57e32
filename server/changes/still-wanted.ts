import * as z from "zod";
import { type ReleaseAVersionForm, releaseValues } from "@/server/contracts/golden-paths/release.ts";
import type { Database } from "@/server/db/client.ts";
import { PortalError } from "@/server/errors.ts";
import { canonical } from "@/server/golden-paths/resource.ts";

const wish = z.looseObject({ wanted: z.strictObject(releaseValues).nullable() });

/**
 * A release may have turned round since it asked for these shares. To be asked under the namespaces' locks: what is
 * written afterwards is what it wants. Throws PortalError `change-in-progress`: ask again.
 */
export async function mustStillBeWanted(rolloutId: string, values: ReleaseAVersionForm, db: Database): Promise<void> {
  const row = await db.rollout.findUnique({ where: { id: rolloutId }, select: { machine: true } });
  const known = wish.safeParse(row?.machine);
  const { service: _service, enabled: _enabled, ...asked } = values;
  if (known.success && canonical(known.data.wanted) !== canonical(asked)) {
    throw new PortalError("change-in-progress", "The release wants other shares by now.");
  }
}
