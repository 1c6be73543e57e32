import type { WantedCondition } from "../translate/conditions.ts";
import { classAccepted, gatewayClasses } from "../translate/gateway/classes.ts";
import { routeController } from "../translate/gateway/routes.ts";
import { keyOf } from "../translate/input/lenient.ts";
import type { MeshFacts, World } from "../translate/input/world.ts";
import { policyConditions } from "../translate/policy-status.ts";
import type { Translation } from "../translate/translate.ts";
import type { ResourceName } from "../world/resources.ts";
import { receiptKey } from "./receipt-items.ts";

/** Conditions as they go into a status, without times. */
export type StampedCondition = WantedCondition & {
  readonly observedGeneration?: number | string;
  /** Nothing changed since this process started: a True of the same generation stands as it is. Never written. */
  readonly standing?: boolean;
};

/** The status that one object shall have, as far as it is ours. */
export interface WantedStatus {
  readonly resource: ResourceName;
  readonly key: string;
  /** Conditions of the object itself; `undefined` when its kind keeps them elsewhere. */
  readonly conditions?: readonly StampedCondition[];
  /** Further fields of the status. `conditions` inside them are stamped likewise. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** Receipts that are not decided yet: do not write before. */
  readonly undecidedUntilMs?: number;
}

/** Looks up a receipt: its condition, or until when it is open, or nothing. */
export type ReceiptLookup = (key: string) => {
  readonly condition?: WantedCondition;
  readonly standing?: boolean;
  readonly undecidedUntilMs?: number;
};

/** The statuses of all objects. Pure. */
export function wantedStatuses(
  translation: Translation,
  world: World,
  facts: MeshFacts,
  receipt: ReceiptLookup,
): readonly WantedStatus[] {
  return [
    ...translation.policies.map((policy) => {
      const generation = String(policy.generation);
      return withReceipt(
        "authorizationPolicies",
        policy.key,
        policyConditions(policy, world, facts).map((wanted) => ({ ...wanted, observedGeneration: generation })),
        receipt(receiptKey.authorizationPolicy(policy.key)),
        generation,
      );
    }),
    ...[...world.peerAuthentications].map(([key, { generation }]) =>
      withReceipt("peerAuthentications", key, [], receipt(receiptKey.peerAuthentication(key)), String(generation)),
    ),
    ...[...translation.gateways].map(([key, { conditions, addresses, listeners }]) => {
      const generation = world.gateways.get(key)?.generation ?? 0;
      const stamp = (wanted: WantedCondition) => ({ ...wanted, observedGeneration: generation });
      return {
        ...withReceipt("gateways", key, conditions.map(stamp), receipt(receiptKey.gateway(key)), generation),
        fields: {
          addresses,
          listeners: listeners.map((listener) => ({ ...listener, conditions: listener.conditions.map(stamp) })),
        },
      };
    }),
    ...translation.routes.flatMap((route) => routeStatus(route, receipt)),
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

function withReceipt(
  resource: ResourceName,
  key: string,
  conditions: readonly StampedCondition[],
  receipt: ReturnType<ReceiptLookup>,
  observedGeneration: number | string | undefined,
): WantedStatus {
  const enforced =
    receipt.condition === undefined
      ? []
      : [
          {
            ...receipt.condition,
            standing: receipt.standing === true,
            ...(observedGeneration === undefined ? {} : { observedGeneration }),
          },
        ];
  return {
    resource,
    key,
    conditions: [...conditions, ...enforced],
    ...(receipt.undecidedUntilMs === undefined ? {} : { undecidedUntilMs: receipt.undecidedUntilMs }),
  };
}

function routeStatus({ input, parents }: Translation["routes"][number], receipt: ReceiptLookup): WantedStatus[] {
  const key = keyOf(input);
  let undecidedUntilMs: number | undefined;
  const entries = parents.map(({ parentRef, conditions, gateway }) => {
    const found: ReturnType<ReceiptLookup> = gateway === undefined ? {} : receipt(receiptKey.route(key, gateway));
    const enforced = found.condition === undefined ? [] : [{ ...found.condition, standing: found.standing === true }];
    undecidedUntilMs = found.undecidedUntilMs ?? undecidedUntilMs;
    return {
      parentRef,
      controllerName: routeController,
      conditions: [...conditions, ...enforced].map((wanted) => ({
        ...wanted,
        observedGeneration: input.generation,
      })),
    };
  });
  return [
    {
      resource: "httpRoutes",
      key,
      fields: { parents: entries },
      ...(undecidedUntilMs === undefined ? {} : { undecidedUntilMs }),
    },
  ];
}
