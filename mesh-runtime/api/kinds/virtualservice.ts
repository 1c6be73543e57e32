/** networking.istio.io VirtualService: behaviour. */

import { withMetadataChecks } from "../istio/admit-metadata.ts";
import { admitVirtualService } from "../istio/admit-virtual-service.ts";
import { type VirtualService, virtualServiceSchema } from "../virtualservice.ts";
import { column, customAgeColumn, jsonText, nameColumn } from "./columns.ts";
import { customKind } from "./define.ts";

export const virtualServiceKind = customKind<VirtualService>({
  group: "networking.istio.io",
  version: "v1",
  served: ["v1", "v1beta1", "v1alpha3"],
  kind: "VirtualService",
  plural: "virtualservices",
  shortNames: ["vs"],
  categories: ["istio-io", "networking-istio-io"],
  schema: virtualServiceSchema,
  hasStatus: true,
  admit: withMetadataChecks(admitVirtualService),
  columns: [
    nameColumn,
    column("Gateways", (service: VirtualService) => jsonText(service.spec?.gateways), {
      description: "The names of gateways and sidecars that should apply these routes",
    }),
    column("Hosts", (service: VirtualService) => jsonText(service.spec?.hosts), {
      description: "The destination hosts to which traffic is being sent",
    }),
    customAgeColumn,
  ],
});
