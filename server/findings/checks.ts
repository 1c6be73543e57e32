import { backends, virtualDestinations } from "./backend-checks.ts";
import type { Check } from "./check.ts";
import { conditions } from "./condition-checks.ts";
import { destinationRules } from "./destination-rule-checks.ts";
import { pastTheirEnd } from "./end-checks.ts";
import { keptClosed } from "./kept-closed.ts";
import { disabledTls, registryOnly, strictPorts, trafficDistribution } from "./mesh-checks.ts";
import { httpAtPods, methods, paths, principals, targetWithoutWaypoint } from "./policy-checks.ts";
import { policyPorts } from "./policy-ports.ts";
import { authorizers, telemetryProviders } from "./provider-checks.ts";
import { references } from "./reference-checks.ts";
import { catchAll, consumerRoute, parentPort, routeWithoutWaypoint } from "./route-checks.ts";
import { tokenRules } from "./token-checks.ts";
import { unusedAuthorizers } from "./unused-authorizers.ts";
import { virtualServices } from "./virtual-service-checks.ts";
import { ingressBypass } from "./waypoint-checks.ts";
import { waypointLabels } from "./waypoint-labels.ts";

/** Everything that Istio and Kubernetes accept without a word and that does not do what it says. */
export const checks: readonly Check[] = [
  pastTheirEnd,
  keptClosed,
  references,
  parentPort,
  catchAll,
  consumerRoute,
  routeWithoutWaypoint,
  backends,
  virtualServices,
  virtualDestinations,
  destinationRules,
  methods,
  paths,
  principals,
  policyPorts,
  httpAtPods,
  targetWithoutWaypoint,
  authorizers,
  unusedAuthorizers,
  tokenRules,
  strictPorts,
  disabledTls,
  registryOnly,
  telemetryProviders,
  trafficDistribution,
  waypointLabels,
  ingressBypass,
  conditions,
];
