/** One release at a time for a service; the others wait in order. */
import { tryNamespaces } from "@/server/changes/namespace-locks.ts";
import { owningStates } from "@/server/contracts/rollouts.ts";
import type { Database } from "@/server/db/client.ts";
import { admit, endAs } from "../machine/moves.ts";
import { transition } from "../store/transition.ts";
import type { DriverDeps } from "./deps.ts";

interface Waiting {
  readonly id: string;
  readonly number: number;
  readonly namespace: string;
  readonly service: string;
}

/** The next of each service that nobody owns, in order of number. */
async function nextOnes(db: Database): Promise<Waiting[]> {
  const [queued, owned] = await Promise.all([
    db.rollout.findMany({
      where: { state: "queued" },
      orderBy: { number: "asc" },
      select: {
        id: true,
        number: true,
        namespace: true,
        service: true,
        bundleIndex: true,
        bundle: { select: { order: true, state: true, rollouts: { select: { bundleIndex: true, state: true } } } },
      },
    }),
    db.rollout.findMany({ where: { state: { in: [...owningStates] } }, select: { namespace: true, service: true } }),
  ]);
  const taken = new Set(owned.map(({ namespace, service }) => `${namespace}/${service}`));
  return queued.filter(({ namespace, service, bundle, bundleIndex }) => {
    const key = `${namespace}/${service}`;
    // In an orderly bundle each begins when all before it have completed.
    const before = bundle?.order === "in-order" ? bundle.rollouts.filter((one) => one.bundleIndex < bundleIndex) : [];
    const mayBegin =
      (bundle === null || bundle.state === "running") && before.every(({ state }) => state === "completed");
    if (taken.has(key) || !mayBegin) {
      return false;
    }
    taken.add(key);
    return true;
  });
}

/** Lets releases begin whose turn it is. A database that has an owner for the service refuses another one. */
export async function admitNext(deps: DriverDeps): Promise<void> {
  if (!deps.ports.mesh.connected) {
    return;
  }
  for (const one of await nextOnes(deps.db)) {
    await admitOne(one, deps).catch((error: unknown) =>
      deps.log.warn("a release could not begin; it is tried again", { release: one.number, error: String(error) }),
    );
  }
}

/** Under the namespace's lock: no change of the shares that it begins with is under way. */
async function admitOne({ id, namespace, service }: Waiting, deps: DriverDeps): Promise<void> {
  const unlock = await tryNamespaces(deps.pool, [namespace]);
  if (unlock === undefined) {
    return;
  }
  try {
    const before = (await deps.ports.traffic.inForce({ namespace, name: service })) ?? null;
    await transition(id, deps, (release) => {
      if (release.machine.phase !== "queued") {
        return undefined;
      }
      const { stable, canary } = release.spec;
      if (before !== null && before.stable !== stable) {
        const why = `Calls go to ${before.stable} by now, not to ${stable}. Start a release of ${canary} from there.`;
        return endAs(release.machine, "failed", why, "error", deps.now());
      }
      return admit(release, before, deps.now());
    });
  } finally {
    await unlock();
  }
}
