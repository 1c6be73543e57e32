import type { ServiceRef } from "@/server/contracts/names.ts";
import { findService, type Inventory, type InventoryService } from "@/server/inventory/model.ts";
import { type IntentOf, intentKey, intentsOf } from "../intent.ts";
import { managed, type Rendered } from "../resource.ts";
import type { Surroundings } from "../surroundings.ts";

type Grant = IntentOf<"let-a-caller-in">;
/** Istio takes at most so many in one source. */
const serviceAccountsMax = 16;

/**
 * All callers of a service in one policy, `<service>-callers`, on the service's pods (`resources.md` §4). Callers with
 * the same ports share a rule. At layer 4 a port is the pod's, so the service's is translated. Behind a waypoint the
 * policy is the waypoint's, where callers and the service's own ports are seen, and a guard keeps everybody else from the
 * pods (§6).
 */
export function generateCallers(surroundings: Surroundings): Rendered[] {
  const { inventory } = surroundings;
  const intents = intentsOf(surroundings.intents, "let-a-caller-in");
  const byService = Map.groupBy(intents, ({ service }) => `${service.namespace}/${service.name}`);
  return [...byService]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, grants]) => {
      const service = grants[0]?.service;
      if (service === undefined) {
        return [];
      }
      const found = findService(inventory, service);
      const waypoint = surroundings.waypointOf(service);
      return found === undefined || waypoint === undefined
        ? [callersPolicy(service, grants, found)]
        : [guard(found, waypoint, grants, inventory), waypointPolicy(found, grants)];
    });
}

const servicePort = (port: number): number => port;
const podPortOf =
  (service: InventoryService | undefined) =>
  (port: number): number =>
    service?.ports.find((candidate) => candidate.port === port)?.targetPort || port;

/** Who may call, at the waypoint: first of its kind there, so that from then on nobody else may. */
const waypointPolicy = (service: InventoryService, grants: readonly Grant[]): Rendered =>
  managed("AuthorizationPolicy", service.namespace, `${service.name}-callers`, grants, {
    targetRefs: [{ group: "", kind: "Service", name: service.name }],
    action: "ALLOW",
    rules: rulesOf(grants, servicePort),
  });

/**
 * Nobody but the waypoint may talk to the pods. Ingress gateways pass waypoints by, and who calls in plain text cannot
 * go through one: where they were let in, they are let in here.
 */
function guard(
  service: InventoryService,
  waypoint: ServiceRef,
  grants: readonly Grant[],
  inventory: Inventory,
): Rendered {
  const gateways = new Set(
    inventory.pods.filter(({ proxy }) => proxy).map((pod) => `${pod.namespace}/${pod.serviceAccount}`),
  );
  const direct = grants.filter(
    ({ caller }) => caller.kind === "anyone" || gateways.has(`${caller.namespace}/${caller.serviceAccount}`),
  );
  return managed("AuthorizationPolicy", service.namespace, `${service.name}-only-waypoint`, grants, {
    selector: { matchLabels: service.selector },
    action: "ALLOW",
    rules: [
      { from: [{ source: { serviceAccounts: [`${waypoint.namespace}/${waypoint.name}`] } }] },
      ...rulesOf(direct, podPortOf(service)),
    ],
  });
}

const callersPolicy = (
  ref: Grant["service"],
  grants: readonly Grant[],
  service: InventoryService | undefined,
): Rendered =>
  managed("AuthorizationPolicy", ref.namespace, `${ref.name}-callers`, grants, {
    selector: { matchLabels: service?.selector ?? { app: ref.name } },
    action: "ALLOW",
    rules: rulesOf(grants, podPortOf(service)),
  });

/** Rules for callers; `portOf` is the number by which the place that judges knows a service's port. */
function rulesOf(grants: readonly Grant[], portOf: (port: number) => number): object[] {
  const byPorts = Map.groupBy(
    grants.toSorted((one, other) => (intentKey(one) < intentKey(other) ? -1 : 1)),
    ({ ports }) => [...new Set(ports.map(portOf))].sort((one, other) => one - other).join(","),
  );
  return [...byPorts]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([ports, same]) => {
      const to = [{ operation: { ports: ports.split(",") } }];
      if (same.some(({ caller }) => caller.kind === "anyone")) {
        return { to };
      }
      const accounts = same.flatMap(({ caller }) =>
        caller.kind === "identity" ? [`${caller.namespace}/${caller.serviceAccount}`] : [],
      );
      return { from: chunks(accounts).map((serviceAccounts) => ({ source: { serviceAccounts } })), to };
    });
}

function chunks(accounts: readonly string[]): string[][] {
  const sorted = [...new Set(accounts)].sort();
  return Array.from({ length: Math.ceil(sorted.length / serviceAccountsMax) }, (_, index) =>
    sorted.slice(index * serviceAccountsMax, (index + 1) * serviceAccountsMax),
  );
}
