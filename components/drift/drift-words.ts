import type { DriftItem } from "@/server/contracts/drift.ts";

/** What somebody else did to a resource, as a word. */
export const kindWords: Readonly<Record<DriftItem["kind"], string>> = {
  edited: "Edited",
  removed: "Removed",
  "in-the-way": "In the way",
  missing: "Not written yet",
};

/** `AuthorizationPolicy web-api/web-api-callers`. */
export const nameOf = ({ resource: { kind, namespace, name } }: Pick<DriftItem, "resource">): string =>
  `${kind} ${namespace === "" ? name : `${namespace}/${name}`}`;

/** Tells items apart; an object drifts once. */
export const keyOf = ({ resource }: Pick<DriftItem, "resource">): string =>
  `${resource.apiVersion} ${nameOf({ resource })}`;

/** Why it cannot be put back by this person; empty when it can. */
export const putBackBlocked = ({ mine }: DriftItem): string =>
  mine ? "" : "Another team owns it. Ask that team or a platform engineer.";
