import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import type { Cluster } from "@/server/cluster/cluster.ts";
import { kindNames } from "@/server/cluster/kinds.ts";
import { type Database, toJson } from "@/server/db/client.ts";
import { intentsOfCluster } from "@/server/golden-paths/from-manifest.ts";
import { type IntentSet, intent, intentKey, intentNamespace, intentSet } from "@/server/golden-paths/intent.ts";

/** The intents in force, as the database knows them. */
export async function readIntents(db: Database): Promise<IntentSet> {
  const rows = await db.intent.findMany({ orderBy: { key: "asc" } });
  return intentSet(
    rows.flatMap(({ values }) => {
      const parsed = intent.safeParse(values);
      return parsed.success ? [parsed.data] : [];
    }),
  );
}

/** An empty database over a mesh that Towpath managed before: the resources tell what was filled in. */
export async function rebuildIntents(db: Database, cluster: Cluster): Promise<number> {
  if ((await db.intent.count()) > 0) {
    return 0;
  }
  const found = intentsOfCluster(
    kindNames.flatMap((kind) => cluster.list(kind).map((object): KubeObject => ({ ...object, kind }))),
  );
  await db.intent.createMany({
    data: [...found.values()].map((one) => ({
      key: intentKey(one),
      slug: one.slug,
      namespace: intentNamespace(one),
      values: toJson(one),
    })),
    skipDuplicates: true,
  });
  return found.size;
}
