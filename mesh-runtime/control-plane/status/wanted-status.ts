import type { WantedCondition } from "../translate/conditions.ts";
import { classAccepted, gatewayClasses } from "../translate/gateway/classes.ts";
import type { World } from "../translate/input/world.ts";
import type { Translation } from "../translate/translate.ts";
import { waypointBound } from "../translate/waypoint/service-status.ts";
import type { ResourceName } from "../world/resources.ts";
import { receiptKey } from "./receipt-item.ts";
import { routeStatus } from "./route-status.ts";
import { type ReceiptLookup, type StampedCondition, type WantedStatus, withReceipt } from "./wanted.ts";

/** The statuses of all objects. Pure. */
export function wantedStatuses(
  translation: Translation,
  world: World,
  receipt: ReceiptLookup,
): readonly WantedStatus[] {
  return [
    ...policyStatuses(translation, receipt),
    ...[...world.peerAuthentications].map(([key, { generation }]) =>
      withReceipt("peerAuthentications", key, [], receipt(receiptKey.peerAuthentication(key)), String(generation)),
    ),
    ...gatewayStatuses(translation, world, receipt),
    ...translation.routes.map((route) => routeStatus(route, translation, receipt)),
    ...effectStatuses(translation, world, receipt),
    ...boundStatuses(translation, world),
    ...entryStatuses(translation, world, receipt),
    ...[...world.gatewayClasses]
      .filter(([name, { controllerName }]) =>
        gatewayClasses.some((ours) => ours.name === name && ours.controllerName === controllerName),
      )
      .map(([name, { generation }]) => ({
        resource: "gatewayClasses" as const,
        key: name,
        conditions: [{ ...classAccepted, observedGeneration: generation }],
      })),
    ...[...world.namespaces].map(([name]) =>
      withReceipt("namespaces", name, [], receipt(receiptKey.namespace(name)), undefined),
    ),
  ];
}

const policyStatuses = (translation: Translation, receipt: ReceiptLookup): WantedStatus[] =>
  translation.policies.map((policy) => {
    // Istio writes the generation as text here.
    const generation = String(policy.generation);
    const conditions = [
      ...translation.policyConditions(policy),
      ...(translation.effects.authorizationPolicies.get(policy.key) ?? []),
    ];
    return withReceipt(
      "authorizationPolicies",
      policy.key,
      conditions.map((wanted) => ({ ...wanted, observedGeneration: generation })),
      receipt(receiptKey.authorizationPolicy(policy.key)),
      generation,
    );
  });

const gatewayStatuses = (translation: Translation, world: World, receipt: ReceiptLookup): WantedStatus[] =>
  [...translation.gateways].map(([key, { conditions, addresses, listeners }]) => {
    const generation = world.gateways.get(key)?.generation ?? 0;
    const stamp = (wanted: WantedCondition): StampedCondition => ({ ...wanted, observedGeneration: generation });
    return {
      ...withReceipt("gateways", key, conditions.map(stamp), receipt(receiptKey.gateway(key)), generation),
      fields: {
        addresses,
        listeners: listeners.map((listener) => ({ ...listener, conditions: listener.conditions.map(stamp) })),
      },
    };
  });

/** Kinds to which Istio gives no status: ours says whether they act, and when the proxies have them. */
const effectKinds = [
  ["requestAuthentications", true],
  ["rateLimitPolicies", false],
  ["destinationRules", true],
  ["virtualServices", true],
  ["telemetries", true],
] as const satisfies readonly (readonly [ResourceName, boolean])[];

const effectStatuses = (translation: Translation, world: World, receipt: ReceiptLookup): WantedStatus[] =>
  effectKinds.flatMap(([resource, asText]) =>
    [...world[resource]].map(([key, { generation }]) => {
      const observedGeneration = asText ? String(generation) : generation;
      const conditions = translation.effects[resource].get(key) ?? [];
      return withReceipt(
        resource,
        key,
        conditions.map((wanted) => ({ ...wanted, observedGeneration })),
        receipt(receiptKey.carried(resource, key)),
        observedGeneration,
      );
    }),
  );

/** Services: their waypoint, whether it can be passed by, and what of them is passed over. Istio stamps no generation here. */
const boundStatuses = ({ bindings, guards, closed, effects }: Translation, world: World): WantedStatus[] =>
  [...world.services.keys()].map((key) => ({
    resource: "services" as const,
    key,
    conditions: [
      waypointBound(bindings.ofService(key)),
      guards.get(key),
      closed(key) ?? effects.services.get(key)?.[0],
    ].filter((wanted) => wanted !== undefined),
  }));

/** ServiceEntries: their waypoint, whether they act, and the virtual addresses that were chosen for them. */
const entryStatuses = ({ entries }: Translation, world: World, receipt: ReceiptLookup): WantedStatus[] =>
  [...world.serviceEntries].map(([key, { generation, allocated }]) => {
    const { bound, effect, addresses = [] } = entries.get(key) ?? {};
    const stamped = effect === undefined ? [] : [{ ...effect, observedGeneration: String(generation) }];
    return {
      ...withReceipt(
        "serviceEntries",
        key,
        [...(bound === undefined ? [] : [bound]), ...stamped],
        receipt(receiptKey.carried("serviceEntries", key)),
        String(generation),
      ),
      ...(addresses.length === 0 && allocated.length === 0 ? {} : { fields: { addresses } }),
    };
  });
