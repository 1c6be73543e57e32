import { rootNamespace, waypointClass } from "@/server/inventory/labels.ts";
import { type IntentOf, intentKey, intentsOf } from "../intent.ts";
import { managed, type Rendered } from "../resource.ts";
import type { Surroundings } from "../surroundings.ts";
import { waypointsOf } from "../waypoint/waypoints-of.ts";

type LockDown = IntentOf<"lock-down">;

/**
 * `deny-all` in each namespace, and before it one policy for each gateway that is covered and stays open
 * (`resources.md` §3). Several lock-downs over one gateway share its policy. A policy without a target does not reach
 * waypoints: as soon as one is let in to the pods, everybody would get in through it, so waypoints are locked too.
 */
export function generateLockDown(surroundings: Surroundings): Rendered[] {
  const intents = intentsOf(surroundings.intents, "lock-down");
  const open = new Map<string, { namespace: string; name: string; hosts: Set<string>; intents: LockDown[] }>();
  for (const intent of intents) {
    for (const { namespace, name, hosts } of intent.openGateways) {
      const key = `${namespace}/${name}`;
      const known = open.get(key) ?? { namespace, name, hosts: new Set<string>(), intents: [] };
      for (const host of hosts) {
        known.hosts.add(host);
      }
      known.intents.push(intent);
      open.set(key, known);
    }
  }
  return [
    ...[...open.values()].map((gateway) =>
      managed("AuthorizationPolicy", gateway.namespace, `${gateway.name}-open`, gateway.intents, {
        targetRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: gateway.name }],
        action: "ALLOW",
        rules: [gateway.hosts.size === 0 ? {} : { to: [{ operation: { hosts: hostValues(gateway.hosts) } }] }],
      }),
    ),
    ...intents
      .toSorted((one, other) => (intentKey(one) < intentKey(other) ? -1 : 1))
      .flatMap((intent) => [
        ...waypointLocks(intent, surroundings),
        managed("AuthorizationPolicy", intent.namespace, "deny-all", [intent], {}),
      ]),
  ];
}

/**
 * The lock of a namespace's own waypoints. From the root namespace that of all waypoints, before there is any: a team's
 * first one is locked from its first moment, and is nothing that platform engineers must agree to.
 */
function waypointLocks(intent: LockDown, surroundings: Surroundings): Rendered[] {
  const group = "gateway.networking.k8s.io";
  const lock = (kind: "Gateway" | "GatewayClass", name: string): Rendered =>
    managed("AuthorizationPolicy", intent.namespace, `deny-all-${name}`, [intent], {
      targetRefs: [{ group, kind, name }],
    });
  if (intent.namespace === rootNamespace) {
    return [lock("GatewayClass", waypointClass)];
  }
  return waypointsOf(surroundings)
    .filter(({ namespace }) => namespace === intent.namespace)
    .map(({ name }) => lock("Gateway", name));
}

/** A client that is not on port 80 sends `host:port`, which is another value. */
const hostValues = (hosts: ReadonlySet<string>): string[] =>
  [...hosts].sort().flatMap((host) => (host.startsWith("*") ? [host] : [host, `${host}:*`]));
