import { managed, type Rendered } from "../resource.ts";
import { hostOf } from "../service-routes/service-host.ts";
import type { Surroundings } from "../surroundings.ts";
import { policyHostsOf } from "./hosts.ts";
import { shapesTraffic, trafficPolicyOf } from "./traffic-policy.ts";

/** One DestinationRule for each host of a service that requests get to, named after the host's Service. */
export const generateDestinationRules = (surroundings: Surroundings): Rendered[] =>
  [...surroundings.services()].flatMap((own) => {
    const intents = own.intents.filter(shapesTraffic);
    if (intents.length === 0) {
      return [];
    }
    const trafficPolicy = trafficPolicyOf(intents, surroundings.inventory);
    return policyHostsOf(own, surroundings).map((host) =>
      managed("DestinationRule", host.namespace, host.name, intents, { host: hostOf(host), trafficPolicy }),
    );
  });
