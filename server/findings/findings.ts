/** What is wrong, or means nothing, in the resources as they are, whoever wrote them. Pure. */
import type { Finding } from "@/server/contracts/golden-paths.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import type { CheckedMesh, Found } from "./check.ts";
import { checks } from "./checks.ts";

const levelRank: Readonly<Record<Finding["level"], number>> = { error: 0, warning: 1, info: 2 };

/** Everything found, worst first, each thing once. */
function found(mesh: CheckedMesh): readonly Found[] {
  const all = checks.flatMap((check) => check(mesh));
  const once = new Map(all.map((one) => [`${one.finding.place} ${one.finding.code} ${one.finding.message}`, one]));
  return [...once.values()].toSorted(
    (one, other) =>
      levelRank[one.finding.level] - levelRank[other.finding.level] ||
      (one.finding.place < other.finding.place ? -1 : 1),
  );
}

/** What findings are asked about: services by `<namespace>/<name>`, and namespaces with all that stands in them. */
export interface Around {
  readonly services: readonly string[];
  readonly namespaces: readonly string[];
}

/**
 * Findings about the services (those whose object names one of them, or stands in its namespace and names none) and about
 * everything of the namespaces. `rebound`: services whose waypoint changes: what statuses say of them is of before.
 */
export function findingsAround(
  mesh: CheckedMesh,
  around: Around | "everything",
  rebound: readonly string[] = [],
): Finding[] {
  const outdated = new Set(rebound);
  const isAbout = around === "everything" ? () => true : aboutWhat(around);
  return found(mesh)
    .filter(isAbout)
    .filter(
      ({ finding, services }) => finding.code !== "condition-means-nothing" || !services.some((id) => outdated.has(id)),
    )
    .map(({ finding }) => finding);
}

function aboutWhat({ services, namespaces }: Around): (one: Found) => boolean {
  const wanted = new Set(services);
  const whole = new Set(namespaces);
  const beside = new Set([...namespaces, ...services.map((id) => id.split("/")[0] ?? "")]);
  return (one) =>
    one.services.length === 0
      ? beside.has(one.namespace)
      : whole.has(one.namespace) || one.services.some((id) => wanted.has(id) || whole.has(id.split("/")[0] ?? ""));
}

/** Findings about the services, `<namespace>/<name>`. */
export const findingsOf = (
  inventory: Inventory,
  services: readonly string[],
  target: CheckedMesh["target"] = "embedded",
  overdue: CheckedMesh["overdue"] = [],
): Finding[] => findingsAround({ inventory, target, overdue }, { services, namespaces: [] });

/** Findings of the whole mesh, or of what stands in a namespace or is about one of its services. */
export const findingsIn = (mesh: CheckedMesh, namespace?: string): Finding[] =>
  findingsAround(mesh, namespace === undefined ? "everything" : { services: [], namespaces: [namespace] });
