/** gateway.networking.k8s.io HTTPRoute: behaviour. */
import { type HTTPRoute, httpRouteSchema } from "../httproute.ts";
import { column, customAgeColumn, nameColumn } from "./columns.ts";
import { customKind } from "./define.ts";

export const httpRouteKind = customKind<HTTPRoute>({
  group: "gateway.networking.k8s.io",
  version: "v1",
  served: ["v1", "v1beta1"],
  kind: "HTTPRoute",
  plural: "httproutes",
  categories: ["gateway-api"],
  schema: httpRouteSchema,
  hasStatus: true,
  columns: [
    nameColumn,
    column("Hostnames", (route: HTTPRoute) =>
      route.spec.hostnames === undefined ? "" : JSON.stringify(route.spec.hostnames),
    ),
    customAgeColumn,
  ],
});
