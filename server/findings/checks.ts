import type { Check } from "./check.ts";
import { conditions } from "./condition-checks.ts";
import { destinationRules } from "./destination-rule-checks.ts";
import { pastTheirEnd } from "./end-checks.ts";
import { keptClosed } from "./kept-closed.ts";
import { disabledTls, registryOnly, strictPorts, telemetryProviders, trafficDistribution } from "./mesh-checks.ts";
import {
  authorizers,
  httpAtPods,
  methods,
  paths,
  principals,
  servicePorts,
  targetWithoutWaypoint,
} from "./policy-checks.ts";
import {
  backends,
  catchAll,
  consumerRoute,
  parentGateway,
  parentPort,
  routeWithoutWaypoint,
  virtualServices,
} from "./route-checks.ts";
import { tokenRules } from "./token-checks.ts";
import { unusedAuthorizers } from "./unused-authorizers.ts";
import { ingressBypass } from "./waypoint-checks.ts";

/** Everything that Istio and Kubernetes accept without a word and that does not do what it says. */
export const checks: readonly Check[] = [
  pastTheirEnd,
  keptClosed,
  parentPort,
  parentGateway,
  catchAll,
  consumerRoute,
  routeWithoutWaypoint,
  backends,
  virtualServices,
  destinationRules,
  methods,
  paths,
  principals,
  servicePorts,
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
  ingressBypass,
  conditions,
];
