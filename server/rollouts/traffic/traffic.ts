/** Shares of a service's calls: what is in force, what is written, what others made of it. */

import { personParts, toSignedIn } from "@/server/auth/sessions.ts";
import { readIntents } from "@/server/changes/current-intents.ts";
import { PortalError } from "@/server/errors.ts";
import { readGuardrails } from "@/server/guardrails/guardrails.ts";
import { freezeOf, freezeText } from "@/server/guardrails/rules.ts";
import { RouteDrift } from "../drift/route-drift.ts";
import { versionTemplate } from "../drift/version-template.ts";
import type { TrafficPort } from "../ports.ts";
import type { TrafficDeps } from "./deps.ts";
import { Placer } from "./place.ts";
import { placeNow } from "./place-now.ts";
import { firstShares, formOf, sharesIn } from "./shares.ts";

export function createTraffic(deps: TrafficDeps): TrafficPort {
  const { db, changes } = deps;
  const drift = new RouteDrift(deps);
  const placer = new Placer(deps, ({ service }) => drift.of(service));
  const inForce: TrafficPort["inForce"] = async (service) => sharesIn(await readIntents(db), service);
  return {
    inForce,
    place: (owner, wanted) => placer.place(owner, wanted),
    placeNow: (owner, wanted) => placeNow(owner, wanted, deps),
    drift: (service) => drift.of(service),
    templateOf: (service, version) => versionTemplate(service, version, deps),
    async frozen({ namespace }, nowUnixMs) {
      const freeze = freezeOf(await readGuardrails(db), [namespace], nowUnixMs);
      return freeze === undefined ? "" : freezeText(freeze);
    },
    async preview(spec, personId) {
      const user = await db.user.findUnique({ where: { id: personId }, include: personParts });
      if (user === null) {
        throw new PortalError("not-found", "Whoever looks at this is not known any more. Sign in again.");
      }
      const shares = firstShares(spec, await inForce(spec.service));
      return changes.previewForRollout(formOf(spec.service, shares), toSignedIn(user, new Date(0)));
    },
  };
}
