/** gateway.networking.k8s.io Gateway: behaviour. */
import { type Gateway, gatewaySchema } from "../gateway.ts";
import { column, conditionStatus, customAgeColumn, nameColumn } from "./columns.ts";
import { customKind } from "./define.ts";

export const gatewayKind = customKind<Gateway>({
  group: "gateway.networking.k8s.io",
  version: "v1",
  served: ["v1", "v1beta1"],
  kind: "Gateway",
  plural: "gateways",
  shortNames: ["gtw"],
  categories: ["gateway-api"],
  schema: gatewaySchema,
  hasStatus: true,
  columns: [
    nameColumn,
    column("Class", (gateway: Gateway) => gateway.spec.gatewayClassName),
    column("Address", (gateway: Gateway) => (gateway.status?.addresses ?? []).map((a) => a.value).join(",")),
    column("Programmed", (gateway: Gateway) => conditionStatus(gateway.status?.conditions, "Programmed")),
    customAgeColumn,
  ],
});
