import { parse } from "yaml";
import { rootNamespace } from "@/server/inventory/labels.ts";
import type { Inventory } from "@/server/inventory/model.ts";

/**
 * Nodes of the embedded mesh say so in their version; a cluster whose nodes are not seen may be either. Istio's ambient
 * agents let unlisted destinations pass whatever the configuration says (`resources.md` §14).
 */
export const holdsToListed = ({ nodes }: Inventory): boolean =>
  nodes.every(({ version }) => version === "") || nodes.some(({ version }) => version.endsWith("-towpath"));

/** Whether destinations that nobody listed may be called: by the mesh's configuration (MeshConfig), and by what it is. */
export function othersAreOpen(inventory: Inventory): boolean {
  if (!holdsToListed(inventory)) {
    return true;
  }
  const { objects } = inventory;
  const meshConfig = objects.configMaps.find(
    ({ metadata }) => metadata?.namespace === rootNamespace && metadata.name === "istio",
  );
  let read: unknown;
  try {
    read = parse(meshConfig?.data?.["mesh"] ?? "", { maxAliasCount: 0, logLevel: "error" });
  } catch {
    return true;
  }
  const policy = field(read, "outboundTrafficPolicy");
  return policy === undefined || field(policy, "mode") === "ALLOW_ANY";
}

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
