import type { WantedCondition } from "../../conditions.ts";
import { isServed } from "../../gateway/classes.ts";
import type { TelemetryInput } from "../../input/telemetry.ts";
import { actsOn } from "../policy-target.ts";
import { providerKind } from "../telemetry-providers.ts";
import { targetProblems, whyNowhere } from "./attachment-effect.ts";
import { type EffectContext, effective, ineffective, listed, type Problem, unsupportedFields } from "./effect.ts";
import { delivered, deliveryProblems } from "./telemetry-delivery.ts";

/** Conditions of all Telemetries, by key. */
export const telemetryEffects = (context: EffectContext): ReadonlyMap<string, WantedCondition> =>
  new Map([...context.world.telemetries].map(([key, telemetry]) => [key, effectOf(telemetry, context)]));

function effectOf(telemetry: TelemetryInput, context: EffectContext): WantedCondition {
  const where = placesOf(telemetry, context);
  if (where === undefined) {
    return ineffective(whyNowhere(telemetry, context));
  }
  const winner = overriding(telemetry, context);
  if (winner !== undefined) {
    return ineffective({ reason: "Overridden", message: `${winner} is older and acts instead; keep one of them` });
  }
  const [problem] = [
    ...providerProblems(telemetry, context),
    ...fieldProblems(telemetry),
    ...deliveryProblems(telemetry, context),
    ...targetProblems(telemetry, context),
  ];
  return problem === undefined
    ? effective(`acts on ${where}${delivered(telemetry, context)}`)
    : ineffective({ ...problem, message: `acts on ${where}; ${problem.message}` });
}

/** What it acts on; `undefined`: nothing. */
function placesOf(telemetry: TelemetryInput, { world, facts, proxies }: EffectContext): string | undefined {
  if (telemetry.targets.length === 0 && telemetry.selector === undefined) {
    return telemetry.namespace === facts.rootNamespace
      ? "all gateways and waypoints"
      : `gateways, waypoints and their services of namespace ${telemetry.namespace}`;
  }
  const gateways = [...world.gateways.values()]
    .filter((gateway) => isServed(gateway) && actsOn(telemetry, { gateway, service: undefined }, facts))
    .map(({ namespace, name }) => `gateway ${namespace}/${name}`);
  const named = telemetry.targets.filter(({ kind }) => kind === "Service").map(({ name }) => name);
  const services = proxies.flatMap((proxy) =>
    proxy.services
      .map(({ service }) => service)
      .filter((service) => named.some((name) => service.startsWith(`${telemetry.namespace}/${name}.`))),
  );
  const places = [...gateways, ...services];
  return places.length === 0 ? undefined : listed(places);
}

/** Of several without targets in one namespace only the oldest counts. */
function overriding(telemetry: TelemetryInput, { world }: EffectContext): string | undefined {
  if (telemetry.targets.length > 0 || telemetry.selector !== undefined) {
    return undefined;
  }
  const rivals = [...world.telemetries.values()].filter(
    (other) =>
      other !== telemetry &&
      other.namespace === telemetry.namespace &&
      other.targets.length === 0 &&
      other.selector === undefined &&
      (other.createdAtMs < telemetry.createdAtMs ||
        (other.createdAtMs === telemetry.createdAtMs && other.name < telemetry.name)),
  );
  return rivals[0] === undefined ? undefined : `Telemetry ${rivals[0].namespace}/${rivals[0].name}`;
}

function providerProblems({ accessLogging, tracing }: TelemetryInput, { world }: EffectContext): readonly Problem[] {
  const unknown = (names: readonly string[], kind: "accessLog" | "tracing"): readonly string[] =>
    names.filter((name) => providerKind(name, world.meshConfig) !== kind);
  const logs = accessLogging.flatMap(({ providers }) => unknown(providers, "accessLog"));
  const spans = tracing.flatMap(({ providers }) => unknown(providers, "tracing"));
  const traced = tracing.some(
    ({ providers, disabled }) =>
      disabled !== true && providers.length === 0 && world.meshConfig.defaultProviders.tracing.length === 0,
  );
  const problem = (names: readonly string[], what: string): Problem[] =>
    names.length === 0
      ? []
      : [
          {
            reason: "UnknownProvider",
            message: `no provider of ${what} is called ${listed(names)}; name one of extensionProviders in ConfigMap istio`,
          },
        ];
  return [
    ...problem(logs, "access logs"),
    ...problem(spans, "traces"),
    ...(traced
      ? [
          {
            reason: "UnknownProvider",
            message: "tracing names no provider, and there is no default; add providers: [{name: otel}]",
          } as const,
        ]
      : []),
  ];
}

const fieldProblems = ({ unsupported }: TelemetryInput): readonly Problem[] =>
  unsupported.length === 0 ? [] : [{ reason: "UnsupportedField", message: unsupportedFields(unsupported) }];
