import { intentsOfService } from "../intent.ts";
import { managed, type Rendered } from "../resource.ts";
import { hostOf } from "../service-routes/service-host.ts";
import { servicesOf } from "../service-routes/version-services.ts";
import type { Surroundings } from "../surroundings.ts";
import { policyHostsOf } from "./hosts.ts";
import { shapesTraffic, trafficPolicyOf } from "./traffic-policy.ts";

/** One DestinationRule for each host of a service that requests get to, named after the host's Service. */
export const generateDestinationRules = (surroundings: Surroundings): Rendered[] =>
  servicesOf(surroundings.intents.values()).flatMap((service) => {
    const intents = intentsOfService(surroundings.intents, service).filter(shapesTraffic);
    if (intents.length === 0) {
      return [];
    }
    const trafficPolicy = trafficPolicyOf(intents, surroundings.inventory);
    return policyHostsOf(service, surroundings).map((host) =>
      managed("DestinationRule", host.namespace, host.name, intents, { host: hostOf(host), trafficPolicy }),
    );
  });
