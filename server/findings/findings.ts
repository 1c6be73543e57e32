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

/**
 * Findings about the services (`<namespace>/<name>`): those whose object names one of them, or stands in its namespace and
 * names none.
 */
export function findingsOf(
  inventory: Inventory,
  services: readonly string[],
  target: CheckedMesh["target"] = "embedded",
  overdue: CheckedMesh["overdue"] = [],
): Finding[] {
  const wanted = new Set(services);
  const namespaces = new Set(services.map((id) => id.split("/")[0] ?? ""));
  return found({ inventory, target, overdue })
    .filter((one) =>
      one.services.length === 0 ? namespaces.has(one.namespace) : one.services.some((id) => wanted.has(id)),
    )
    .map(({ finding }) => finding);
}

/** Findings of the whole mesh, or of what stands in a namespace or is about one of its services. */
export function findingsIn(mesh: CheckedMesh, namespace?: string): Finding[] {
  return found(mesh)
    .filter(
      (one) =>
        namespace === undefined ||
        one.namespace === namespace ||
        one.services.some((id) => id.startsWith(`${namespace}/`)),
    )
    .map(({ finding }) => finding);
}
