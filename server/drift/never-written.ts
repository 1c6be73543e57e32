/** Objects that are not there because nobody ever wrote them: paths of a newer version render more than their forms wrote. */
import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import type { Database } from "@/server/db/client.ts";
import { intentsOfResource } from "@/server/golden-paths/from-manifest.ts";
import { intentKey } from "@/server/golden-paths/intent.ts";
import { refOf, resourceKey } from "@/server/golden-paths/resource.ts";
import type { Drifted } from "./drifted.ts";

/** An update adds a few objects; beyond that what is gone is called removed. */
const askedMax = 20;

/**
 * The same, told apart: `missing` is what no change ever wrote although a change wrote what it stands for. After the books
 * were rebuilt from the cluster nobody knows, and it is `removed`.
 */
export async function tellMissing(db: Database, all: readonly Drifted[]): Promise<Drifted[]> {
  const gone = all.filter(({ kind }) => kind === "removed").slice(0, askedMax);
  const missing = new Set<string>();
  for (const { ref, expected } of gone) {
    const keys = intentsOfResource(expected as KubeObject).map(intentKey);
    const written =
      keys.length === 0 ||
      (await db.intent.count({ where: { key: { in: keys }, changeId: { not: null } } })) === 0 ||
      (await db.change.findFirst({ where: { resources: { array_contains: [{ ref }] } }, select: { id: true } })) !==
        null;
    if (!written) {
      missing.add(resourceKey(ref));
    }
  }
  return all.map((one) => (missing.has(resourceKey(refOf(one.expected))) ? { ...one, kind: "missing" } : one));
}
