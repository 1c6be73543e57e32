import { tryNamespaces } from "@/server/changes/namespace-locks.ts";
import type { RolloutSpec } from "@/server/contracts/rollout-spec.ts";
import type { Answers } from "../machine/step.ts";
import type { DriverDeps } from "./deps.ts";

/**
 * Takes back what a release asked other teams, and says whether anything of it was ever written. Under the lock of its
 * namespace: no change of it is being made at the same time, and none will be (`changes/still-wanted.ts`). Null: the
 * namespace is busy.
 */
export async function withdraw(id: string, { service }: RolloutSpec, deps: DriverDeps): Promise<Answers["withdrawn"]> {
  const { db, pool, changes } = deps;
  const written = await db.change.count({
    where: { rolloutId: id, OR: [{ appliedAt: { not: null } }, { state: "applying" }] },
  });
  if (written > 0) {
    return "written";
  }
  const asked = await db.change.findMany({ where: { rolloutId: id, state: "waiting" }, select: { id: true } });
  for (const change of asked) {
    await changes.withdrawForRollout(change.id, "The release ended before it began.");
  }
  const release = await tryNamespaces(pool, [service.namespace]);
  if (release === undefined) {
    return null;
  }
  try {
    const all = await db.change.findMany({ where: { rolloutId: id }, select: { state: true, appliedAt: true } });
    if (all.some(({ state, appliedAt }) => appliedAt !== null || state === "applying")) {
      return "written";
    }
    return all.some(({ state }) => state === "waiting") ? null : "nothing-written";
  } finally {
    await release();
  }
}
