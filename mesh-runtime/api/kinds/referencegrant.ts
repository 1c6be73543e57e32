/** gateway.networking.k8s.io ReferenceGrant: behaviour. Gateway API 1.4 serves it as v1beta1 only. */
import { type ReferenceGrant, referenceGrantSchema } from "../referencegrant.ts";
import { customAgeColumn, nameColumn } from "./columns.ts";
import { customKind } from "./define.ts";

export const referenceGrantKind = customKind<ReferenceGrant>({
  group: "gateway.networking.k8s.io",
  version: "v1beta1",
  served: ["v1beta1"],
  kind: "ReferenceGrant",
  plural: "referencegrants",
  shortNames: ["refgrant"],
  categories: ["gateway-api"],
  schema: referenceGrantSchema,
  columns: [nameColumn, customAgeColumn],
});
