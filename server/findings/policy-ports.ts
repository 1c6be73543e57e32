/** Ports in AuthorizationPolicies: agents know those of pods, waypoints those of services. Pure. */
import { type AuthorizationPolicyResource, targetRefsOf } from "@/mesh-runtime/policy/index.ts";
import type { Inventory, InventoryService } from "@/server/inventory/model.ts";
import type { Check, Found } from "./check.ts";
import { atPolicy, eachPolicy, operationsOf, podsOf } from "./each-policy.ts";

/** Every port that a policy names. */
const portsNamed = (policy: AuthorizationPolicyResource): ReadonlySet<number> =>
  new Set(
    [
      ...operationsOf(policy).flatMap(({ ports, notPorts }) => [...(ports ?? []), ...(notPorts ?? [])]),
      ...(policy.spec?.rules ?? [])
        .flatMap(({ when }) => when ?? [])
        .filter(({ key }) => key === "destination.port")
        .flatMap(({ values, notValues }) => [...(values ?? []), ...(notValues ?? [])]),
    ].map(Number),
  );

/** A service's port at its pods, or a pod's port at its waypoint: nothing comes there. */
export const policyPorts: Check = ({ inventory }) =>
  eachPolicy(inventory, (policy, services) => {
    const named = portsNamed(policy);
    if (named.size === 0) {
      return [];
    }
    return targetRefsOf(policy).length > 0
      ? atWaypoint(policy, services, named)
      : [...servicePorts(policy, services, named), ...unopened(policy, services, named, inventory)];
  });

function servicePorts(
  policy: AuthorizationPolicyResource,
  services: readonly InventoryService[],
  named: ReadonlySet<number>,
): Found[] {
  const open = new Set(services.flatMap(({ ports }) => ports.map(({ targetPort }) => targetPort)));
  return services.flatMap(({ name, ports }) =>
    ports
      .filter(({ port, targetPort }) => named.has(port) && targetPort !== 0 && !open.has(port))
      .map(({ port, targetPort }) =>
        atPolicy(
          policy,
          services,
          "port-not-open",
          `Port ${port} is that of the service ${name}. A rule with a selector is read at the pods, which listen on ${targetPort}. Write ${targetPort}.`,
        ),
      ),
  );
}

function atWaypoint(
  policy: AuthorizationPolicyResource,
  services: readonly InventoryService[],
  named: ReadonlySet<number>,
): Found[] {
  const served = new Set(services.flatMap(({ ports }) => ports.map(({ port }) => port)));
  return services.flatMap((service) =>
    [...named]
      .filter((number) => !served.has(number))
      .map((number) => {
        const meant = service.ports.find(({ targetPort }) => targetPort === number)?.port;
        const has = service.ports.map(({ port }) => port).join(", ");
        return atPolicy(
          policy,
          [service],
          "port-not-open",
          meant === undefined
            ? `${service.name} has no port ${number}: nothing comes there. It has ${has || "none"}. Correct the port.`
            : `Port ${number} is that of the pods of ${service.name}. A rule for the service is read at its waypoint, where calls come to ${meant}. Write ${meant}.`,
        );
      }),
  );
}

/** Only for what lets in: a refusal at a port that nobody opens does no harm. Pods that say nothing may listen anywhere. */
function unopened(
  policy: AuthorizationPolicyResource,
  services: readonly InventoryService[],
  named: ReadonlySet<number>,
  inventory: Inventory,
): Found[] {
  const served = new Set(services.flatMap(({ ports }) => ports.flatMap(({ port, targetPort }) => [port, targetPort])));
  const odd = [...named].filter((number) => !served.has(number));
  const pods = odd.length === 0 || (policy.spec?.action ?? "ALLOW") !== "ALLOW" ? [] : podsOf(policy, inventory);
  const open = new Set(pods.flatMap(({ ports }) => ports.map(({ port }) => port)));
  return pods.length === 0 || pods.some(({ ports, proxy }) => ports.length === 0 || proxy)
    ? []
    : odd
        .filter((number) => !open.has(number))
        .map((number) =>
          atPolicy(
            policy,
            services,
            "port-not-open",
            `No pod that it selects opens port ${number}: it lets nobody in there. Correct the port.`,
          ),
        );
}
