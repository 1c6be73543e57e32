/** After a release: the old version's pods are stopped when their time has come, unless something needs them again. */
import { endedStates, owningStates } from "@/server/contracts/rollouts.ts";
import { gets } from "../machine/shares.ts";
import { noted } from "../machine/step.ts";
import { findRollout, releaseOf } from "../store/rows.ts";
import { transition } from "../store/transition.ts";
import { isReadable, tellUnreadable } from "../store/unreadable.ts";
import type { DriverDeps } from "./deps.ts";
import { ownerOf } from "./duties.ts";

export async function stopOld(deps: DriverDeps): Promise<void> {
  const rows = await deps.db.rollout.findMany({
    where: { state: { in: [...endedStates] }, machine: { path: ["leftover", "done"], equals: false } },
    select: { id: true, namespace: true, service: true },
  });
  for (const { id, namespace, service } of rows) {
    const owned = await deps.db.rollout.count({ where: { namespace, service, state: { in: [...owningStates] } } });
    if (owned === 0 && deps.ports.mesh.connected) {
      await stopOne(id, deps).catch((error: unknown) =>
        deps.log.warn("an old version could not be stopped; it is tried again", { release: id, error: String(error) }),
      );
    }
  }
}

/** That it stops is on record before it does: an undo in between waits for pods. */
async function stopOne(id: string, deps: DriverDeps): Promise<void> {
  const row = await findRollout(deps.db, id);
  if (row === null) {
    return;
  }
  if (!isReadable(row)) {
    // Nothing of it is known for sure: its pods stay. Told once, since it is looked at each second.
    tellUnreadable(row, "its old version is not stopped", deps.log);
    return;
  }
  const { spec, machine } = releaseOf(row);
  const { leftover } = machine;
  if (leftover === null || leftover.stopUnixMs > deps.now()) {
    return;
  }
  const inForce = await deps.ports.traffic.inForce(spec.service);
  if ((await deps.ports.traffic.frozen(spec.service, deps.now())) !== "") {
    return;
  }
  const needed = row.state !== "completed" || inForce === undefined || gets(inForce, spec.stable);
  let stops = false;
  await transition(id, deps, ({ machine: now }) => {
    if (now.phase !== "ended" || now.leftover?.done !== false) {
      return undefined;
    }
    if (needed) {
      return noted(
        { ...now, leftover: { ...now.leftover, done: true } },
        "info",
        "workload",
        `The pods of ${spec.stable} stay: calls go there again`,
      );
    }
    stops = true;
    return now.leftover.stopped
      ? undefined
      : noted(
          { ...now, leftover: { ...now.leftover, stopped: true } },
          "info",
          "workload",
          `Stops the pods of ${spec.stable}`,
        );
  });
  if (!stops) {
    return;
  }
  await deps.ports.workloads.stop(ownerOf(id, { spec, machine }), spec.stable);
  await transition(id, deps, ({ machine: now }) =>
    now.phase === "ended" && now.leftover !== null
      ? { machine: { ...now, leftover: { ...now.leftover, done: true } }, events: [], verdict: null, audit: null }
      : undefined,
  );
}
