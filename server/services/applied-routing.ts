/** What routes, limits and protects calls to a service, with what the control plane says of it. Pure. */
import { effectiveCondition, enforcedCondition } from "@/mesh-runtime/api/conditions.ts";
import type { AppliedRouting } from "@/server/contracts/services.ts";
import { rootNamespace } from "@/server/inventory/labels.ts";
import type { Inventory, InventoryRouting, InventoryService, RoutingCondition } from "@/server/inventory/model.ts";
import { gatewayOf } from "@/server/policies/applied.ts";

/** Conditions where `True` is the bad news. */
const badWhenTrue = new Set(["PartiallyInvalid", "Conflicted", "OverlappingRules"]);

/** Everything that acts on the service, then what sends requests of other names to it. */
export function appliedRouting(service: InventoryService, inventory: Inventory): AppliedRouting[] {
  return inventory.routing
    .flatMap((entry): AppliedRouting[] => {
      const role = roleOf(entry, service, inventory);
      return role === undefined
        ? []
        : [
            {
              resource: entry.resource,
              role,
              sentence: entry.sentence,
              managedByTowpath: entry.managedByTowpath,
              ...stateOf(entry.conditions),
            },
          ];
    })
    .sort((one, other) => (one.role === other.role ? 0 : one.role === "about" ? -1 : 1));
}

function roleOf(
  entry: InventoryRouting,
  service: InventoryService,
  inventory: Inventory,
): AppliedRouting["role"] | undefined {
  const key = `${service.namespace}/${service.name}`;
  if (entry.services.includes(key) || entry.hosts.some((host) => isHostOf(host, service)) || selects(entry, service)) {
    return "about";
  }
  const { waypoint } = service;
  const gateway = gatewayOf(inventory, service);
  const through = [waypoint, gateway].flatMap((at) => (at === undefined ? [] : [`${at.namespace}/${at.name}`]));
  if (through.some((at) => entry.gateways.includes(at))) {
    return "about";
  }
  return entry.backends.includes(key) ? "leads-here" : undefined;
}

/** `reviews`, `reviews.default`, `reviews.default.svc`, `reviews.default.svc.cluster.local` and their wildcards. */
function isHostOf(host: string, { namespace, name }: InventoryService): boolean {
  const own = `${name}.${namespace}`;
  return host.startsWith("*")
    ? `${own}.svc.cluster.local`.endsWith(host.slice(1))
    : host === own || host.startsWith(`${own}.svc`);
}

function selects({ selector, resource }: InventoryRouting, { namespace, pods }: InventoryService): boolean {
  if (selector === undefined || (resource.namespace !== namespace && resource.namespace !== rootNamespace)) {
    return false;
  }
  const labels = Object.entries(selector);
  return pods.some((pod) => labels.every(([name, value]) => pod.labels[name] === value));
}

const isGood = ({ type, status }: RoutingCondition): boolean => (status === "True") !== badWhenTrue.has(type);

function stateOf(conditions: readonly RoutingCondition[]): Pick<AppliedRouting, "state" | "notes"> {
  const told = conditions.filter(({ type, status }) => status === "False" || status === "True" || type !== "");
  const bad = told.filter((condition) => !isGood(condition) && condition.status !== "Unknown");
  const pending = told.some(
    ({ type, status, reason }) =>
      type === enforcedCondition && (status === "Unknown" || reason === "WaitingForProxies"),
  );
  const failing = bad.filter(({ type, reason }) => !(type === enforcedCondition && reason === "WaitingForProxies"));
  const effect = told.filter(({ type, status }) => type === effectiveCondition && status === "True");
  return {
    state: failing.length > 0 ? "not-in-force" : pending ? "pending" : told.length === 0 ? "unknown" : "in-force",
    notes: [...failing, ...effect].map(({ type, reason, message, parent, ...condition }) => ({
      type,
      good: isGood({ type, reason, message, parent, ...condition }),
      reason,
      message: parent === "" ? message : `${parent}: ${message}`,
    })),
  };
}
