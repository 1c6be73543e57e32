/** What would still be wrong around a change once it is in force, whoever wrote it. Pure. */
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { findingsAround } from "@/server/findings/findings.ts";
import { intentNamespace } from "@/server/golden-paths/intent.ts";
import { count, finding } from "@/server/golden-paths/path.ts";
import { inventoryAfter } from "@/server/impact/objects-after.ts";
import { rootNamespace } from "@/server/inventory/labels.ts";
import type { Inventory, InventoryService } from "@/server/inventory/model.ts";
import { isUnchanged, type Proposal } from "./proposal.ts";

/** More of them would hide what the form itself has to say. */
const shownMax = 40;

/**
 * Standing findings about the services of the plan, and about those whose waypoint comes, goes or changes with it: a
 * waypoint wakes every route and rule that nobody read before. A path about namespaces is about all of their services; one
 * about the mesh, about all.
 */
export function standingFindings(
  { filled, steps }: Pick<Proposal, "filled" | "steps">,
  inventory: Inventory,
  target: "embedded" | "kubernetes",
): Finding[] {
  const { plan, findings } = filled;
  const after = inventoryAfter(
    inventory,
    steps.filter((step) => !isUnchanged(step)),
  );
  const rebound = reboundServices(inventory, after);
  const whole = plan.services.length === 0 && plan.changes.some(isOfTheMesh);
  const namespaces = plan.services.length > 0 ? [] : plan.namespaces.filter((name) => name !== rootNamespace);
  const around = whole ? "everything" : { services: [...plan.services, ...rebound], namespaces };
  const told = new Set(findings.map(({ code, place }) => `${code} ${place}`));
  const found = findingsAround({ inventory: after, target }, around, rebound).filter(
    ({ code, place }) => !told.has(`${code} ${place}`),
  );
  const more = found.length - shownMax;
  const message = `${count(more, "more thing")} around it would be found. The pages of its services tell of theirs.`;
  return more > 0 ? [...found.slice(0, shownMax), finding("info", "more-found", "", message)] : found;
}

const isOfTheMesh = ({ before, after, subject }: Proposal["filled"]["plan"]["changes"][number]): boolean => {
  const of = subject ?? after ?? before;
  return of !== undefined && intentNamespace(of) === rootNamespace;
};

const keyOf = ({ namespace, name }: InventoryService): string => `${namespace}/${name}`;
const waypointKey = ({ waypoint }: InventoryService): string =>
  waypoint === undefined ? "" : `${waypoint.namespace}/${waypoint.name}`;

/** Services whose calls would go through another waypoint, or through one at all, or no more. */
function reboundServices(before: Inventory, after: Inventory): string[] {
  if (before === after) {
    return [];
  }
  const were = new Map(before.services.map((service) => [keyOf(service), waypointKey(service)]));
  return after.services.filter((service) => (were.get(keyOf(service)) ?? "") !== waypointKey(service)).map(keyOf);
}
