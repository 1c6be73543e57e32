import type { Rendered } from "../resource.ts";
import type { Surroundings } from "../surroundings.ts";
import { httpPortsOf } from "./http-ports.ts";
import { planRoutes } from "./plan-routes.ts";
import { renderHttpRoutes } from "./render-http-route.ts";
import { renderVirtualService } from "./render-virtual-service.ts";
import { needsVirtualService } from "./route-plan.ts";

/**
 * The routes of all services: HTTPRoutes, or one VirtualService in their place as soon as there are faults. Never both:
 * an HTTPRoute would win whole (`resources.md` §14).
 */
export const generateServiceRoutes = ({ services, inventory }: Surroundings): Rendered[] =>
  [...services()].flatMap((own) => {
    const plan = planRoutes(own);
    if (plan === undefined) {
      return [];
    }
    return needsVirtualService(plan)
      ? [renderVirtualService(plan)]
      : renderHttpRoutes(plan, httpPortsOf(inventory, own.service));
  });
