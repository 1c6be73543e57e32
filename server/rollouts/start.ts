/** A release that somebody asks for. */
import type { SignedIn } from "@/server/auth/signed-in.ts";
import type { Asker } from "@/server/changes/changes.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import { owningStates, type StartRequest } from "@/server/contracts/rollouts.ts";
import type { Database, Transaction } from "@/server/db/client.ts";
import { PortalError } from "@/server/errors.ts";
import type { DriverDeps } from "./driver/deps.ts";
import { admitNext } from "./driver/queue.ts";
import { mustKeepLimits } from "./release-limits.ts";
import { createRelease } from "./store/create.ts";

/** Releases of a service that may wait at a time. */
const queueMax = 20;
/** Releases that wait for their turn and that one person asked for, of all services. */
const ofOneMax = 50;
/** Any number that no other advisory lock of Towpath uses. */
const queueLock = 8_212_003;

/**
 * Answers how many releases of the service have not ended. `more`: how many the person asks for. Throws PortalError
 * `too-many-requests`.
 */
export async function mustHaveRoom(
  { namespace, name }: ServiceRef,
  personId: string,
  db: Database | Transaction,
  more = 1,
): Promise<number> {
  const [before, own] = await Promise.all([
    db.rollout.count({ where: { namespace, service: name, state: { in: ["queued", ...owningStates] } } }),
    db.rollout.count({ where: { state: "queued", startedById: personId } }),
  ]);
  if (before >= queueMax) {
    throw new PortalError("too-many-requests", `${before} releases of ${name} wait already. Abort one of them first.`);
  }
  if (own + more > ofOneMax) {
    throw new PortalError(
      "too-many-requests",
      `${own} releases that you asked for wait already, and ${ofOneMax} may. Abort some of them first.`,
    );
  }
  return before;
}

/** Until the transaction ends nobody else asks for a release: what was counted within it stays true. */
export const oneAtATime = async (within: Transaction): Promise<void> => {
  await within.$executeRaw`SELECT pg_advisory_xact_lock(${queueLock})`;
};

/**
 * What the form said is asked again. What waits in the queue is asked when its turn comes: by then the service is
 * another. Throws PortalError `conflict`, `blocked-by-findings`, `invalid-input`, `too-many-requests`.
 */
export async function mustBeStartable({ spec, etag }: StartRequest, person: SignedIn, deps: DriverDeps): Promise<void> {
  const { service, stable, canary, start } = spec;
  const [before, inForce] = await Promise.all([
    mustHaveRoom(service, person.id, deps.db),
    deps.ports.traffic.inForce(service),
  ]);
  if (start !== null) {
    // Throws where there is no Deployment to take as a model.
    await deps.ports.workloads.manifest(service, stable, canary, start);
  } else if (deps.ports.workloads.pods(service, canary).length === 0) {
    throw new PortalError(
      "invalid-input",
      `There are no pods of ${canary}. Let the release start them, or start them first.`,
      {
        fields: [{ path: "canary", message: "No pod has this version" }],
      },
    );
  }
  await mustKeepLimits(spec, deps.db);
  if (before > 0) {
    return;
  }
  if (inForce !== undefined && inForce.stable !== stable) {
    throw new PortalError("invalid-input", `Calls go to ${inForce.stable}, not to ${stable}. Start from there.`, {
      fields: [{ path: "stable", message: `Calls go to ${inForce.stable}` }],
    });
  }
  const first = await deps.ports.traffic.preview(spec, person.id);
  if (etag !== "" && etag !== first.etag) {
    throw new PortalError(
      "conflict",
      "The mesh moved since the preview was made. Look at the new preview, then start.",
    );
  }
  // The pods of a version that the release starts come later.
  const errors = first.findings.filter(
    ({ level, code, field }) =>
      level === "error" && !(start !== null && code === "backend-without-pods" && field === "canary"),
  );
  if (errors.length > 0) {
    throw new PortalError("blocked-by-findings", errors.map(({ message }) => message).join(" "), {
      fields: errors.map(({ field, message }) => ({ path: field, message })),
    });
  }
}

/** On record, and begun where nothing is before it. Answers its id. */
export async function startRelease(
  { spec, reason, openedUnixMs }: StartRequest,
  { person, address }: Asker,
  deps: DriverDeps,
): Promise<string> {
  const id = await deps.db.$transaction(async (within) => {
    await oneAtATime(within);
    await mustHaveRoom(spec.service, person.id, within);
    return createRelease({ spec, person, address, reason, openedUnixMs }, deps, within);
  });
  await admitNext(deps);
  return id;
}
