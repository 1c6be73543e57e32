import type { Inventory } from "@/server/inventory/model.ts";

/** Nodes of the embedded mesh say so in their version; a cluster whose nodes are not seen may be either. */
export const isKubernetes = ({ nodes }: Pick<Inventory, "nodes">): boolean =>
  nodes.some(({ version }) => version !== "") && !nodes.some(({ version }) => version.endsWith("-towpath"));
