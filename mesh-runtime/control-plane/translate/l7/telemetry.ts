import type { L7AccessLog, L7Telemetry } from "../../../xds/proxy-config.ts";
import type { GatewayInput } from "../input/gateway.ts";
import type { MeshConfigInput } from "../input/mesh-config.ts";
import type { TelemetryInput } from "../input/telemetry.ts";
import type { MeshFacts, World } from "../input/world.ts";
import { keyOfService } from "../service-address.ts";
import { actsOn, byAge, type PolicyTarget } from "./policy-target.ts";
import { providerKind } from "./telemetry-providers.ts";

type Tracing = L7Telemetry["tracing"];

/** What a gateway, or each of the services behind a waypoint, tells of its requests. */
export function telemetryFor(
  gateway: GatewayInput,
  world: World,
  facts: MeshFacts,
  services: readonly { readonly namespace: string; readonly name: string }[] = [],
): L7Telemetry {
  const ordered = [...world.telemetries.values()].sort(byAge);
  const own = settle(levels({ gateway, service: undefined }, ordered, facts), world.meshConfig);
  const byService = services.flatMap((service) => {
    const special = settle(levels({ gateway, service }, ordered, facts), world.meshConfig);
    return isSame(special, own) ? [] : [{ service: keyOfService(service), ...special }];
  });
  return { ...own, byService: byService.sort((a, b) => (a.service < b.service ? -1 : 1)) };
}

/**
 * The Telemetries of a target, from the mesh's to the closest; of each level the oldest counts (Istio "Telemetry":
 * mesh, namespace, workload or target).
 */
function levels(target: PolicyTarget, ordered: readonly TelemetryInput[], facts: MeshFacts): readonly TelemetryInput[] {
  const isGeneral = ({ targets, selector }: TelemetryInput): boolean => targets.length === 0 && selector === undefined;
  const general = (namespace: string) =>
    ordered.find((telemetry) => telemetry.namespace === namespace && isGeneral(telemetry));
  const { gateway, service } = target;
  const namespaces = [facts.rootNamespace, gateway.namespace, service?.namespace ?? gateway.namespace];
  const special = ordered.filter((telemetry) => !isGeneral(telemetry) && actsOn(telemetry, target, facts));
  // What names the Service is closer than what names its waypoint.
  const namesService = (telemetry: TelemetryInput): boolean =>
    service !== undefined && telemetry.targets.some(({ kind, name }) => kind === "Service" && name === service.name);
  return [
    ...[...new Set(namespaces)].map(general),
    special.find((telemetry) => !namesService(telemetry)),
    special.find(namesService),
  ].filter((telemetry) => telemetry !== undefined);
}

/** A level that speaks of logs (or traces) replaces what the levels above said; what it leaves out is inherited. */
function settle(
  chain: readonly TelemetryInput[],
  config: MeshConfigInput,
): { readonly accessLog: L7AccessLog; readonly tracing: Tracing } {
  let logProviders = config.defaultProviders.accessLogging;
  let accessLog: L7AccessLog = { enabled: config.accessLog || known(logProviders, "accessLog", config), minStatus: 0 };
  let traceProviders = config.defaultProviders.tracing;
  let sampling = config.sampling;
  let disabled = false;
  for (const { accessLogging, tracing } of chain) {
    const entries = accessLogging.map((entry) => ({
      ...entry,
      providers: entry.providers.length > 0 ? entry.providers : logProviders,
    }));
    if (entries.length > 0) {
      const active = entries.filter((entry) => !entry.disabled && known(entry.providers, "accessLog", config));
      logProviders = entries.flatMap((entry) => entry.providers);
      // Several entries log what any of them wants.
      accessLog = {
        enabled: active.length > 0,
        minStatus: active.length === 0 ? 0 : Math.min(...active.map((entry) => entry.minStatus)),
      };
    }
    for (const entry of tracing.slice(0, 1)) {
      traceProviders = entry.providers.length > 0 ? entry.providers : traceProviders;
      sampling = entry.sampling ?? sampling;
      disabled = entry.disabled ?? disabled;
    }
  }
  const enabled = !disabled && known(traceProviders, "tracing", config);
  return { accessLog, tracing: { enabled, sampling: enabled ? sampling : 0 } };
}

const known = (names: readonly string[], kind: "accessLog" | "tracing", config: MeshConfigInput): boolean =>
  names.some((name) => providerKind(name, config) === kind);

const isSame = (
  a: { readonly accessLog: L7AccessLog; readonly tracing: Tracing },
  b: { readonly accessLog: L7AccessLog; readonly tracing: Tracing },
): boolean =>
  a.accessLog.enabled === b.accessLog.enabled &&
  a.accessLog.minStatus === b.accessLog.minStatus &&
  a.tracing.enabled === b.tracing.enabled &&
  a.tracing.sampling === b.tracing.sampling;
