/** Conditions that say True and mean nothing, and those that say plainly what is wrong. Pure. */

import { targetRefsOf } from "@/mesh-runtime/policy/index.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { at, type Check, type Found, idOf } from "./check.ts";

interface Condition {
  readonly type?: string;
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
}
interface WithStatus {
  readonly metadata?: { readonly namespace?: string | undefined; readonly name?: string | undefined } | undefined;
  readonly status?: unknown;
}

/** Of the object and, for routes, of each parent. */
function conditionsOf({ status }: WithStatus): readonly Condition[] {
  const { conditions = [], parents = [] } = (status ?? {}) as {
    readonly conditions?: readonly Condition[];
    readonly parents?: readonly { readonly conditions?: readonly Condition[] }[];
  };
  return [...conditions, ...parents.flatMap((parent) => parent.conditions ?? [])];
}

/** `True`, with a reason or message that takes it back (`resources.md` §0.5 names them after istiod). */
function meaningless({ type, status, reason, message = "" }: Condition): string | undefined {
  if (status !== "True") {
    return undefined;
  }
  if (reason === "UnsupportedValue") {
    return `Its status says that it is accepted, and that a part of it is not done: ${message}`;
  }
  if (reason === "PartiallyInvalid") {
    return `Its status says that it is accepted, and that some of its targets do not exist: ${message}`;
  }
  return type === "ResolvedWaypoints" && /will not be respected|label missing/.test(message)
    ? `Its status says that all waypoints are found, and that nobody reads it: ${message}`
    : undefined;
}

const servicesOf = (kind: string, one: WithStatus, { routing, authorizationPolicies }: Inventory): string[] => {
  const { namespace = "", name = "" } = one.metadata ?? {};
  const policy = authorizationPolicies.find(
    ({ metadata }) => metadata.namespace === namespace && metadata.name === name,
  );
  return kind === "AuthorizationPolicy" && policy !== undefined
    ? targetRefsOf(policy)
        .filter((ref) => ref.kind === "Service")
        .map((ref) => `${namespace}/${ref.name}`)
    : [
        ...(routing.find(({ resource }) => resource.kind === kind && idOf(resource) === `${namespace}/${name}`)
          ?.services ?? []),
      ];
};

/** Conditions of every kind that has any. */
export const conditions: Check = ({ inventory }) => {
  const { objects } = inventory;
  const kinds: readonly (readonly [string, readonly WithStatus[]])[] = [
    ["AuthorizationPolicy", objects.authorizationPolicies],
    ["HTTPRoute", objects.routes],
    ["GRPCRoute", objects.grpcRoutes],
    ["Gateway", objects.gateways],
    ["Service", objects.services],
    ["ServiceEntry", objects.serviceEntries],
  ];
  return kinds.flatMap(([kind, all]) =>
    all.flatMap((one): Found[] =>
      [...new Set(conditionsOf(one).map(meaningless))]
        .filter((message) => message !== undefined)
        .map((message) =>
          at(
            kind,
            one as Parameters<typeof at>[1],
            "condition-means-nothing",
            `${message.slice(0, 400).replace(/\.?$/, ".")}`,
            {
              services:
                kind === "Service"
                  ? [`${one.metadata?.namespace ?? ""}/${one.metadata?.name ?? ""}`]
                  : servicesOf(kind, one, inventory),
            },
          ),
        ),
    ),
  );
};
