/** gateway.networking.k8s.io/v1 GatewayClass: schema and type. */
import type * as z from "zod";
import { controllerName, group, kind, namespace, objectName } from "./gateway-api/names.ts";
import { keyed, rules, str, struct } from "./schema/builders.ts";
import { gatewayCondition, object } from "./schema/object-meta.ts";

const waiting = {
  lastTransitionTime: "1970-01-01T00:00:00Z",
  message: "Waiting for controller",
  reason: "Pending",
  status: "Unknown",
  type: "Accepted",
};

export const gatewayClassSchema = object(
  "GatewayClass",
  "gateway.networking.k8s.io/v1",
  "v1.GatewayClass",
  {
    spec: struct(
      "v1.GatewayClassSpec",
      {
        controllerName: rules(controllerName(), {
          message: "Value is immutable",
          transition: true,
          check: (self, old) => self === old,
        }).describe("The controller that serves gateways of this class, as a domain with a path."),
      },
      {
        parametersRef: struct(
          "v1.ParametersReference",
          { group: group(), kind: kind(), name: objectName() },
          { namespace: namespace() },
        ).describe("Parameters for the controller."),
        description: str({ maxLength: 64 }).describe("What the class is for."),
      },
    ).describe("Who serves gateways of this class."),
  },
  {
    status: struct(
      "v1.GatewayClassStatus",
      {},
      {
        conditions: keyed(gatewayCondition, ["type"], { maxItems: 8, default: [waiting] }),
        supportedFeatures: keyed(struct("v1.SupportedFeature", { name: str() }, {}), ["name"], { maxItems: 64 }),
      },
      { default: { conditions: [waiting] } },
    ),
  },
);

export type GatewayClass = z.infer<typeof gatewayClassSchema>;
