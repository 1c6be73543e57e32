import { type PreparedHttpPolicies, prepareHttpPolicies } from "../policy/index.ts";
import type {
  L7Cluster,
  L7Policies,
  L7Protocol,
  L7Service,
  L7ServicePort,
  L7WorkloadTarget,
  ProxyConfig,
} from "../xds/proxy-config.ts";
import type { EngineTarget } from "./engine.ts";
import { streamIdleMs } from "./engine-options.ts";
import type { ExchangePlace } from "./exchange-context.ts";
import { createPlanner, type PlannerOptions, type PlannerScope } from "./plan/index.ts";
import { workloadCluster } from "./plan/rules/workload-cluster.ts";
import { refusingPlanner } from "./refusing-planner.ts";
import type { TunnelPlace } from "./tcp-tunnel.ts";
import type { Tracing } from "./trace-context.ts";

/** A place of the configuration, made ready. */
export interface Place extends ExchangePlace, TunnelPlace {}

/** An `EngineTarget` with the place behind it, which a new configuration replaces. */
export interface PlacedTarget extends EngineTarget {
  place: Place;
}

type PlaceOptions = Omit<PlannerOptions, "scope">;

const noPolicies = prepareHttpPolicies([]);

/** What stands where the configuration has nothing (any more): every request is answered 404. */
export function emptyPlace(key: string, port: number, kind: ProxyConfig["kind"]): Place {
  return {
    key,
    port,
    service: "",
    protocol: "HTTP",
    planner: refusingPlanner(port),
    rules: { kind, tracing: { enabled: false, sampling: 0 }, tellsCallersAs: "" },
    idleMs: streamIdleMs[kind],
    policies: noPolicies,
    cluster: undefined,
  };
}

/** The listeners of one port of a gateway. */
export function listenerPlace(key: string, port: number, options: PlaceOptions): Place {
  const listeners = options.config.listeners.filter((listener) => listener.port === port);
  if (listeners.length === 0) {
    return emptyPlace(key, port, options.config.kind);
  }
  return placeOf(key, port, "", "HTTP", { kind: "gateway", listeners }, noPolicies, undefined, options);
}

/** One port of a service behind a waypoint. */
export function servicePlace(key: string, service: L7Service, port: L7ServicePort, options: PlaceOptions): Place {
  const scope: PlannerScope = { kind: "service", service, port };
  const cluster = options.config.clusters.find((candidate) => candidate.key === port.cluster);
  const policies = policiesOf(service);
  return placeOf(key, port.port, service.service, port.protocol, scope, policies, cluster, options);
}

/** One port of a pod that is called by its own address. */
export function workloadPlace(key: string, target: L7WorkloadTarget, port: number, options: PlaceOptions): Place {
  const own = workloadCluster(target.workload, port);
  const cluster = options.config.clusters.find((candidate) => candidate.key === own.key) ?? own;
  const scope: PlannerScope = { kind: "workload", target, port };
  return placeOf(key, port, "", "AUTO", scope, policiesOf(target), cluster, options);
}

const policiesOf = ({ authorizations }: L7Policies): PreparedHttpPolicies =>
  authorizations.length === 0 ? noPolicies : prepareHttpPolicies(authorizations);

function placeOf(
  key: string,
  port: number,
  service: string,
  protocol: L7Protocol,
  scope: PlannerScope,
  policies: PreparedHttpPolicies,
  cluster: L7Cluster | undefined,
  options: PlaceOptions,
): Place {
  const { kind, telemetry, tellsCallersAs } = options.config;
  const tracing: Tracing = telemetry.byService.find((one) => one.service === service)?.tracing ?? telemetry.tracing;
  return {
    key,
    port,
    service,
    protocol,
    planner: createPlanner({ ...options, scope }),
    rules: { kind, tracing, tellsCallersAs },
    idleMs: streamIdleMs[kind],
    policies,
    cluster,
  };
}
