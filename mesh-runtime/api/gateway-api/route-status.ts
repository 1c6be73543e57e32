/** The status of routes: one entry per parent and controller. */
import { keyed, list, struct } from "../schema/builders.ts";
import { gatewayCondition } from "../schema/object-meta.ts";
import { controllerName, parentReference } from "./names.ts";

export const routeStatus = (goType: string) =>
  struct(
    goType,
    {
      parents: list(
        struct(
          "v1.RouteParentStatus",
          {
            parentRef: parentReference,
            controllerName: controllerName(),
            conditions: keyed(gatewayCondition, ["type"], { minItems: 1, maxItems: 8 }),
          },
          {},
        ),
        { maxItems: 32 },
      ),
    },
    {},
  ).describe("What the controllers of the parents say.");
