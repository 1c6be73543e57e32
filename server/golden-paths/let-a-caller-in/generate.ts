import { findService, type Inventory } from "@/server/inventory/model.ts";
import { type IntentOf, intentKey } from "../intent.ts";
import { managed, type Rendered } from "../resource.ts";

type Grant = IntentOf<"let-a-caller-in">;
/** Istio takes at most so many in one source. */
const serviceAccountsMax = 16;

/**
 * All callers of a service in one policy, `<service>-callers`, on the service's pods (`resources.md` §4). Callers with
 * the same ports share a rule. At layer 4 a port is the pod's, so the service's is translated.
 */
export function generateCallers(intents: readonly Grant[], inventory: Inventory): Rendered[] {
  const byService = Map.groupBy(intents, ({ service }) => `${service.namespace}/${service.name}`);
  return [...byService]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, grants]) => {
      const service = grants[0]?.service;
      return service === undefined ? [] : [callersPolicy(service, grants, inventory)];
    });
}

function callersPolicy(ref: Grant["service"], grants: readonly Grant[], inventory: Inventory): Rendered {
  const service = findService(inventory, ref);
  const podPort = (port: number): number =>
    service?.ports.find((candidate) => candidate.port === port)?.targetPort || port;
  const byPorts = Map.groupBy(
    grants.toSorted((one, other) => (intentKey(one) < intentKey(other) ? -1 : 1)),
    ({ ports }) => [...new Set(ports.map(podPort))].sort((one, other) => one - other).join(","),
  );
  const rules = [...byPorts]
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
  return managed("AuthorizationPolicy", ref.namespace, `${ref.name}-callers`, grants, {
    selector: { matchLabels: service?.selector ?? { app: ref.name } },
    action: "ALLOW",
    rules,
  });
}

function chunks(accounts: readonly string[]): string[][] {
  const sorted = [...new Set(accounts)].sort();
  return Array.from({ length: Math.ceil(sorted.length / serviceAccountsMax) }, (_, index) =>
    sorted.slice(index * serviceAccountsMax, (index + 1) * serviceAccountsMax),
  );
}
