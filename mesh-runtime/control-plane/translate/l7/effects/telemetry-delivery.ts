import type { ExtensionProviderInput } from "../../input/mesh-config.ts";
import type { TelemetryInput } from "../../input/telemetry.ts";
import type { World } from "../../input/world.ts";
import { hostCovers, serviceOfHost } from "../hosts.ts";
import { type EffectContext, listed, type Problem } from "./effect.ts";

/** Kinds of providers whose form is what proxies really write or send. */
const carried: ReadonlySet<string> = new Set(["envoyFileAccessLog", "opentelemetry"]);

const destinations = {
  accessLog: "access logs go to the logs of the proxies' pods",
  tracing: "spans go to the portal",
} as const;

type Purpose = keyof typeof destinations;

/**
 * Why nothing arrives at the providers that a Telemetry names: proxies write access logs to their pods' logs and send
 * spans to the portal's collector, whatever service a provider is at.
 */
export function deliveryProblems(telemetry: TelemetryInput, { world }: EffectContext): readonly Problem[] {
  return purposes(telemetry, world).flatMap(([purpose, providers]): readonly Problem[] => {
    const strange = providers.filter(({ field }) => !carried.has(field));
    const lost = providers.filter(({ service }) => service !== "" && !isKnownHost(service, world));
    return [
      ...strange.map(
        ({ name, field }): Problem => ({
          reason: "UnsupportedField",
          message: `${destinations[purpose]}, nothing is sent to provider ${name}: ${field} is not spoken here`,
        }),
      ),
      ...lost.map(
        ({ name, service }): Problem => ({
          reason: "HostNotFound",
          message: `${destinations[purpose]}; provider ${name} is at ${service}, which no Service or ServiceEntry has`,
        }),
      ),
    ];
  });
}

/** Says where spans and logs go instead of the services of the providers that are named; empty when those have none. */
export const delivered = (telemetry: TelemetryInput, { world }: EffectContext): string =>
  purposes(telemetry, world)
    .map(([purpose, providers]) => {
      const services = providers.map(({ service }) => service).filter((service) => service !== "");
      return services.length === 0 ? "" : `; ${destinations[purpose]}, not to ${listed(services)}`;
    })
    .join("");

/** The configured providers that a Telemetry names, or the mesh's own where it names none, by what they are for. */
function purposes(
  { accessLogging, tracing }: TelemetryInput,
  { meshConfig }: World,
): readonly (readonly [Purpose, readonly ExtensionProviderInput[]])[] {
  const of = (
    purpose: Purpose,
    entries: readonly { readonly providers: readonly string[]; readonly disabled: boolean | undefined }[],
    otherwise: readonly string[],
  ) => {
    const names = entries
      .filter(({ disabled }) => disabled !== true)
      .flatMap(({ providers }) => (providers.length > 0 ? providers : otherwise));
    const found = meshConfig.providers.filter(({ name, kind }) => kind === purpose && names.includes(name));
    return [purpose, found] as const;
  };
  return [
    of("accessLog", accessLogging, meshConfig.defaultProviders.accessLogging),
    of("tracing", tracing, meshConfig.defaultProviders.tracing),
  ];
}

/** MeshConfig writes `host` or `<namespace>/<host>`. */
function isKnownHost(service: string, world: World): boolean {
  const host = service.slice(service.indexOf("/") + 1).toLowerCase();
  return (
    serviceOfHost(host, world) !== undefined ||
    [...world.serviceEntries.values()].some(({ hosts }) => hosts.some((known) => hostCovers(known, host)))
  );
}
