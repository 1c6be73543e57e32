import type { L7Cluster, L7RouteRule, L7ServicePort, L7WorkloadTarget } from "../../xds/proxy-config.ts";
import { localReplies } from "../local-reply.ts";
import { serviceDefaultRetry } from "../upstream/retry-policy.ts";
import { clustersOf } from "./config-clusters.ts";
import { Gate } from "./gate.ts";
import { gatewayPlaces } from "./gateway-places.ts";
import { type PlaceRules, type Places, routed } from "./place-rules.ts";
import type { PlannerOptions } from "./planner-scope.ts";
import { candidatesOf } from "./routes/candidate.ts";
import { RouteTable } from "./routes/route-table.ts";
import { type CompiledRule, compileRule, type FindCluster } from "./rules/compile-rule.ts";
import { forward } from "./rules/forward.ts";
import { workloadCluster } from "./rules/workload-cluster.ts";

/** Makes the scope ready. */
export function compilePlaces(options: PlannerOptions): Places {
  const { scope, config, upstreams } = options;
  const clusters = clustersOf(config);
  const findCluster: FindCluster = (key) => clusters.get(key) ?? upstreams.cluster(key);
  const compile = (rule: L7RouteRule): CompiledRule => compileRule(rule, findCluster);
  switch (scope.kind) {
    case "gateway":
      return gatewayPlaces(scope.listeners, compile, options);
    case "service": {
      const { service, port } = scope;
      const rules = {
        gate: new Gate(service, service.service, options),
        route: port.routes.length === 0 ? straight(port, findCluster) : byRoutes(port, compile),
      };
      return { place: { port: port.port, service: service.service }, of: () => rules };
    }
    case "workload": {
      const { target, port } = scope;
      const rules = {
        gate: new Gate(target, target.workload, options),
        route: toWorkload(target, port, findCluster),
      };
      return { place: { port, service: "" }, of: () => rules };
    }
  }
}

function byRoutes({ routes }: L7ServicePort, compile: (rule: L7RouteRule) => CompiledRule): PlaceRules["route"] {
  const table = new RouteTable(candidatesOf(routes, compile));
  return (draft, random) => routed(table, draft, random);
}

const noTimeouts = { requestMs: 0, perTryMs: 0, idleMs: 0 };

/** Without routes everything goes to the service itself. */
function straight({ cluster, defaultRetry }: L7ServicePort, findCluster: FindCluster): PlaceRules["route"] {
  return toCluster(findCluster(cluster), cluster, defaultRetry);
}

function toWorkload({ workload }: L7WorkloadTarget, port: number, findCluster: FindCluster): PlaceRules["route"] {
  const own = workloadCluster(workload, port);
  return toCluster(findCluster(own.key) ?? own, own.key, serviceDefaultRetry);
}

function toCluster(
  cluster: L7Cluster | undefined,
  key: string,
  retry: L7ServicePort["defaultRetry"],
): PlaceRules["route"] {
  if (cluster === undefined) {
    return (draft) => draft.reply(localReplies.unresolvedBackend);
  }
  const destination = {
    backend: { backend: { cluster: key, weight: 1, filters: [] }, weight: 1, cluster, changes: undefined },
    cluster,
    timeouts: noTimeouts,
    retry,
    mirrors: [],
    delayMs: 0,
    changes: undefined,
    prefix: undefined,
  };
  return (draft) => forward(draft, destination);
}
