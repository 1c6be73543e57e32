import type { Service } from "@/mesh-runtime/api/service.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import type { Inventory } from "@/server/inventory/model.ts";

/** The Service as it is in the cluster. */
export const serviceObject = ({ objects }: Inventory, { namespace, name }: ServiceRef): Service | undefined =>
  objects.services.find(({ metadata }) => metadata?.namespace === namespace && metadata.name === name);
