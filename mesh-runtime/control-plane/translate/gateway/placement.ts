import { condition, type WantedCondition } from "../conditions.ts";
import type { GatewayInput } from "../input/gateway.ts";
import type { PodInput } from "../input/pod.ts";
import type { World } from "../input/world.ts";
import { hostnameOf, selectsPod } from "../service-address.ts";
import { infrastructureName } from "./classes.ts";

export interface GatewayAddress {
  readonly type: "IPAddress" | "Hostname";
  readonly value: string;
}

/** Whether a Gateway has an address at which ready pods answer. */
export interface Placement {
  readonly programmed: WantedCondition;
  /** Once there are some they stay in the status, also when all pods are gone. */
  readonly addresses: readonly GatewayAddress[];
}

/** Finds the addresses of a Gateway and says whether it serves. `pods`: those of its namespace. */
export function placementOf(gateway: GatewayInput, world: World, pods: readonly PodInput[]): Placement {
  const name = infrastructureName(gateway);
  const service = world.services.get(`${gateway.namespace}/${name}`);
  const hostname = hostnameOf({ name, namespace: gateway.namespace });
  const unassigned = (why: string, addresses: readonly GatewayAddress[]): Placement => ({
    programmed: condition("Programmed", "False", "AddressNotAssigned", why),
    addresses: gateway.assigned ? addresses : [],
  });
  if (service === undefined) {
    return unassigned(`Failed to assign to any requested addresses: hostname "${hostname}" not found`, []);
  }
  const external = service.type === "LoadBalancer" ? service.loadBalancerAddresses : service.addresses;
  const ips = external.map(
    (value) => ({ type: /[a-z]/i.test(value) && !value.includes(":") ? "Hostname" : "IPAddress", value }) as const,
  );
  const addresses: readonly GatewayAddress[] =
    service.type === "LoadBalancer" ? ips : [...ips, { type: "Hostname", value: hostname }];
  if (!pods.some((pod) => pod.ready && !pod.terminating && selectsPod(service, pod))) {
    return unassigned(
      `Failed to assign to any requested addresses: no instances found for hostname "${hostname}"`,
      addresses,
    );
  }
  const assigned = gateway.listeners.map(({ port }) => `${hostname}:${port}`);
  const services = [...new Set(assigned)].sort().join(" and ");
  if (external.length === 0) {
    return unassigned(
      `Assigned to service(s) ${services}, but failed to assign to all requested addresses: address pending for hostname "${hostname}"`,
      [],
    );
  }
  const message = `Resource programmed, assigned to service(s) ${services}`;
  return { programmed: condition("Programmed", "True", "Programmed", message), addresses };
}

/** Whether the Gateway serves at this moment. */
export const isPlaced = ({ programmed }: Placement): boolean => programmed.status === "True";
