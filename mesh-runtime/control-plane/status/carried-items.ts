import type { TelemetryInput } from "../translate/input/telemetry.ts";
import type { MeshFacts, World } from "../translate/input/world.ts";
import { actsOn } from "../translate/l7/policy-target.ts";
import type { Translation } from "../translate/translate.ts";
import { type Carried, carriedBy } from "./carried.ts";
import { textOf } from "./fingerprint.ts";
import { proxyConfigCarrier, type ReceiptItem, receiptKey } from "./receipt-item.ts";

/** Objects that travel only inside of proxy configurations. */
export function carriedItems(translation: Translation, world: World, facts: MeshFacts): ReceiptItem[] {
  const configs = [...translation.proxyConfigs].map(([name, { config }]) => ({
    name,
    carried: carriedBy(config, translation.clusterRules),
  }));
  const items = <T extends { readonly generation: number }>(
    resource: string,
    inputs: ReadonlyMap<string, T>,
    isIn: (carried: Carried, key: string) => boolean,
  ): ReceiptItem[] =>
    [...inputs].flatMap(([key, input]) => {
      const names = configs.filter(({ carried }) => isIn(carried, key)).map(({ name }) => name);
      return itemOf(resource, key, input, names);
    });
  return [
    ...items("requestAuthentications", world.requestAuthentications, (carried, key) =>
      carried.requestAuthentications.has(key),
    ),
    ...items("rateLimitPolicies", world.rateLimitPolicies, (carried, key) => carried.rateLimitPolicies.has(key)),
    ...items("destinationRules", world.destinationRules, (carried, key) => carried.destinationRules.has(key)),
    ...items("virtualServices", world.virtualServices, (carried, key) => carried.routes.has(`VirtualService/${key}`)),
    ...[...world.telemetries].flatMap(([key, input]) =>
      itemOf("telemetries", key, input, telemetryConfigs(input, translation, world, facts)),
    ),
  ];
}

function itemOf(
  resource: string,
  key: string,
  input: { readonly generation: number },
  names: readonly string[],
): ReceiptItem[] {
  return names.length === 0
    ? []
    : [
        {
          key: receiptKey.carried(resource, key),
          generation: input.generation,
          fingerprint: [textOf(input), ...names].join("\n"),
          carriers: names.map(proxyConfigCarrier),
        },
      ];
}

/** Configurations that a Telemetry has a say in: by target, by namespace, or all from the root namespace. */
function telemetryConfigs(
  telemetry: TelemetryInput,
  { proxyConfigs, bindings }: Translation,
  world: World,
  facts: MeshFacts,
): readonly string[] {
  const { namespace, targets, selector } = telemetry;
  const isGeneral = targets.length === 0 && selector === undefined;
  return [...proxyConfigs.keys()].filter((key) => {
    const gateway = world.gateways.get(key);
    const services = bindings.servicesOf(key);
    if (isGeneral) {
      return (
        namespace === facts.rootNamespace ||
        namespace === gateway?.namespace ||
        services.some((service) => service.namespace === namespace)
      );
    }
    return (
      gateway !== undefined &&
      [undefined, ...services].some((service) => actsOn(telemetry, { gateway, service }, facts))
    );
  });
}
