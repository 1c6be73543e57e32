/** gateway.networking.k8s.io GRPCRoute: behaviour. */
import { type GRPCRoute, grpcRouteSchema } from "../grpcroute.ts";
import { column, customAgeColumn, jsonText, nameColumn } from "./columns.ts";
import { customKind } from "./define.ts";

export const grpcRouteKind = customKind<GRPCRoute>({
  group: "gateway.networking.k8s.io",
  version: "v1",
  served: ["v1"],
  kind: "GRPCRoute",
  plural: "grpcroutes",
  categories: ["gateway-api"],
  schema: grpcRouteSchema,
  hasStatus: true,
  columns: [nameColumn, column("Hostnames", (route: GRPCRoute) => jsonText(route.spec.hostnames)), customAgeColumn],
});
