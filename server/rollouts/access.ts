/** Who may do what with releases. */

import { capabilitiesOf, namespacesRefused, type SignedIn } from "@/server/auth/signed-in.ts";
import type { Asker } from "@/server/changes/changes.ts";
import type { AuditAction } from "@/server/contracts/audit.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import { PortalError } from "@/server/errors.ts";
import type { StoreDeps } from "./store/deps.ts";

/** Why the person may not ask for a release; empty when they may. Others' services: their teams agree first. */
export const whyNotStart = (person: SignedIn): string =>
  capabilitiesOf(person).preview ? "" : `Your role (${person.roles.join(", ")}) does not allow this.`;

/** Why the person may not move this release; empty when they may: the service is theirs, or the release is. */
export function whyNotAct(person: SignedIn, service: ServiceRef, startedById: string): string {
  const role = whyNotStart(person);
  if (role !== "") {
    return role;
  }
  return startedById === person.id || namespacesRefused(person, [service.namespace]).length === 0
    ? ""
    : `${service.namespace} belongs to another team. Ask them, or whoever started this release.`;
}

/** Throws PortalError `forbidden` after putting it on record. */
export async function mustMay(
  why: string,
  action: AuditAction,
  object: string,
  { person, address }: Asker,
  deps: Pick<StoreDeps, "audit">,
): Promise<void> {
  if (why !== "") {
    await deps.audit({ actor: person, action, object, outcome: "refused", detail: why, address });
    throw new PortalError("forbidden", why);
  }
}
