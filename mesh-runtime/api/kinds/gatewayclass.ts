/** gateway.networking.k8s.io GatewayClass: behaviour. */
import { type GatewayClass, gatewayClassSchema } from "../gatewayclass.ts";
import { column, conditionStatus, customAgeColumn, nameColumn } from "./columns.ts";
import { customKind } from "./define.ts";

export const gatewayClassKind = customKind<GatewayClass>({
  group: "gateway.networking.k8s.io",
  version: "v1",
  served: ["v1", "v1beta1"],
  kind: "GatewayClass",
  plural: "gatewayclasses",
  shortNames: ["gc"],
  categories: ["gateway-api"],
  namespaced: false,
  schema: gatewayClassSchema,
  hasStatus: true,
  columns: [
    nameColumn,
    column("Controller", (c: GatewayClass) => c.spec.controllerName),
    column("Accepted", (c: GatewayClass) => conditionStatus(c.status?.conditions, "Accepted")),
    customAgeColumn,
    column("Description", (c: GatewayClass) => c.spec.description ?? "", { priority: 1 }),
  ],
});
