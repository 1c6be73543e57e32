import { parse } from "yaml";
import { rootNamespace } from "@/server/inventory/labels.ts";
import type { Inventory } from "@/server/inventory/model.ts";

/** Whether destinations that nobody listed may be called, as the mesh's configuration says (MeshConfig). */
export function othersAreOpen({ objects }: Inventory): boolean {
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
