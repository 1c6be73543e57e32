/** networking.istio.io ServiceEntry: behaviour. */

import { withMetadataChecks } from "../istio/admit-metadata.ts";
import { admitServiceEntry } from "../istio/admit-service-entry.ts";
import { type ServiceEntry, serviceEntrySchema } from "../serviceentry.ts";
import { column, customAgeColumn, jsonText, nameColumn } from "./columns.ts";
import { customKind } from "./define.ts";

export const serviceEntryKind = customKind<ServiceEntry>({
  group: "networking.istio.io",
  version: "v1",
  served: ["v1", "v1beta1", "v1alpha3"],
  kind: "ServiceEntry",
  plural: "serviceentries",
  shortNames: ["se"],
  categories: ["istio-io", "networking-istio-io"],
  schema: serviceEntrySchema,
  hasStatus: true,
  admit: withMetadataChecks(admitServiceEntry),
  columns: [
    nameColumn,
    column("Hosts", (entry: ServiceEntry) => jsonText(entry.spec.hosts), {
      description: "The hosts associated with the ServiceEntry",
    }),
    column("Location", (entry: ServiceEntry) => entry.spec.location ?? "", {
      description: "Whether the service is external to the mesh or part of the mesh (MESH_EXTERNAL or MESH_INTERNAL)",
    }),
    column("Resolution", (entry: ServiceEntry) => entry.spec.resolution ?? "", {
      description: "Service resolution mode for the hosts (NONE, STATIC, or DNS)",
    }),
    customAgeColumn,
  ],
});
