import type { ProblemConflict } from "@/server/contracts/errors.ts";
import { type Database, toJson } from "@/server/db/client.ts";
import type { Pool } from "@/server/db/pool.ts";
import { resourceKey, resourceName, sameResource, toYaml } from "@/server/golden-paths/resource.ts";
import type { Proposal, ResourceStep } from "./proposal.ts";

/** How long a preview is known; forms ask again at every key. */
const keptMs = 30 * 60_000;
const previewsMax = 5_000;
/** Of one preview, as JSON. A larger one is not kept: then nobody is told what moved, only that something did. */
const sizeMax = 256 * 1_024;

type SeenStep = Pick<ResourceStep, "ref" | "before" | "after">;

/** What previews showed, in the database: whichever portal process is asked later can tell what moved since. */
export class SeenPreviews {
  readonly #db: Database;
  readonly #pool: Pool;

  constructor({ db, pool }: { readonly db: Database; readonly pool: Pool }) {
    this.#db = db;
    this.#pool = pool;
  }

  async remember({ etag, steps }: Pick<Proposal, "etag" | "steps">): Promise<void> {
    const seen = steps.map(({ ref, before, after }): SeenStep => ({ ref, before, after }));
    if (JSON.stringify(seen).length > sizeMax) {
      return;
    }
    const seenAt = new Date();
    await this.#db.seenPreview.upsert({
      where: { etag },
      create: { etag, steps: toJson(seen), seenAt },
      update: { seenAt },
    });
  }

  /** Forgets what is old, and the oldest where there are too many. */
  async forget(nowUnixMs: number): Promise<void> {
    await this.#pool.query(
      `DELETE FROM seen_previews WHERE seen_at < $1
         OR etag IN (SELECT etag FROM seen_previews ORDER BY seen_at DESC OFFSET $2)`,
      [new Date(nowUnixMs - keptMs), previewsMax],
    );
  }

  /** Both versions of what is not as the preview showed it; empty when that is not known any more. */
  async moved(etag: string, { steps }: Pick<Proposal, "steps">): Promise<readonly ProblemConflict[]> {
    const row = await this.#db.seenPreview.findUnique({ where: { etag } });
    // Written by this class only.
    return row === null ? [] : whatMoved(row.steps as unknown as readonly SeenStep[], steps);
  }
}

function whatMoved(seen: readonly SeenStep[], steps: readonly SeenStep[]): ProblemConflict[] {
  const former = new Map(seen.map((step) => [resourceKey(step.ref), step]));
  const now = new Map(steps.map((step) => [resourceKey(step.ref), step]));
  return [...new Set([...former.keys(), ...now.keys()])].flatMap((key) => {
    const [then, today] = [former.get(key), now.get(key)];
    const ref = (today ?? then)?.ref;
    if (ref === undefined) {
      return [];
    }
    // Where the object is as it was, what would become of it is not.
    const [one, other] = sameResource(then?.before, today?.before)
      ? [then?.after, today?.after]
      : [then?.before, today?.before];
    return sameResource(one, other)
      ? []
      : [{ resource: resourceName(ref), expected: toYaml(one), live: toYaml(other) }];
  });
}
