import type { Finding } from "@/server/contracts/golden-paths.ts";
import { rootNamespace } from "@/server/inventory/labels.ts";
import type { Inventory, InventoryNamespace } from "@/server/inventory/model.ts";
import { count, finding, listNames } from "./path.ts";

/** Paths that act on namespaces or on the whole mesh. */
export interface Scoped {
  readonly scope: "namespaces" | "mesh";
  readonly namespaces: readonly string[];
}

/** Namespaces a scoped path writes to: the root namespace stands for the mesh. */
export const targetsOf = ({ scope, namespaces }: Scoped): string[] =>
  scope === "mesh" ? [rootNamespace] : [...new Set(namespaces)].sort();

/** Whether a namespace is among those that it acts on. */
export const isWithin =
  ({ scope, namespaces }: Scoped) =>
  (namespace: string): boolean =>
    scope === "mesh" || namespaces.includes(namespace);

/** The other way round. */
export const scopeOf = (namespace: string): { scope: "mesh" | "namespaces"; namespaces: string[] } =>
  namespace === rootNamespace ? { scope: "mesh", namespaces: [] } : { scope: "namespaces", namespaces: [namespace] };

/** "the whole mesh", "namespace web-api", "namespaces a and b". */
export function placeOf({ scope, namespaces }: Scoped): string {
  if (scope === "mesh") {
    return "the whole mesh";
  }
  const names = [...new Set(namespaces)].sort();
  return `namespace${names.length === 1 ? "" : "s"} ${listNames(names)}`;
}

/** Namespaces that hold somebody's services. */
export const applicationNamespaces = (inventory: Inventory): string[] => [
  ...new Set(
    inventory.services
      .filter(({ namespace, pods }) => pods.length > 0 && namespace !== rootNamespace && !namespace.startsWith("kube-"))
      .map(({ namespace }) => namespace),
  ),
];

/** "4 of 5 namespaces". */
export function ofNamespaces(inventory: Inventory, holds: (name: string) => boolean): string {
  const names = applicationNamespaces(inventory);
  return `${names.filter(holds).length} of ${count(names.length, "namespace")}`;
}

/** Kubernetes' own namespaces hold no application. */
const systemNamespace = /^(kube-|istio-system$)/;

export const findNamespace = (inventory: Inventory, name: string): InventoryNamespace | undefined =>
  inventory.namespaces.find((namespace) => namespace.name === name);

/** Names every namespace that does not exist, and those that are nobody's application. */
export function namespaceFindings(scoped: Scoped, inventory: Inventory): Finding[] {
  if (scoped.scope === "mesh") {
    return [];
  }
  return scoped.namespaces.flatMap((name, index) => {
    const field = `namespaces.${index}`;
    if (findNamespace(inventory, name) === undefined) {
      return [finding("error", "unknown-namespace", field, `There is no namespace ${name}. Check the name.`)];
    }
    return systemNamespace.test(name)
      ? [
          finding(
            "error",
            "system-namespace",
            field,
            `${name} belongs to the mesh itself. Choose a namespace of services.`,
          ),
        ]
      : [];
  });
}
