/** Requests that prove an access rule: never with effects, only at HTTP ports, from a running workload. Pure. */
import type { IdentityChoice } from "@/server/contracts/golden-paths/parts.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import {
  type Inventory,
  type InventoryIdentity,
  type InventoryService,
  identitiesOf,
} from "@/server/inventory/model.ts";
import type { Probe, ProbeExpectation, ProbeSource } from "../probe.ts";
import { httpPortsOf } from "../service-routes/http-ports.ts";
import { isSafe, type SampleRequest } from "./sample-request.ts";

/** At most so many are sent for one change. */
export const probesMax = 6;

/** A running workload of an identity; proxies cannot be asked to send anything. */
export function workloadOf(inventory: Inventory, caller: Omit<IdentityChoice, "kind">): ProbeSource | undefined {
  const pod = inventory.pods.find(
    (one) =>
      one.namespace === caller.namespace &&
      one.serviceAccount === caller.serviceAccount &&
      one.phase === "Running" &&
      one.ready &&
      !one.proxy,
  );
  return pod === undefined ? undefined : { kind: "workload", namespace: pod.namespace, workload: pod.workload };
}

/** Identities in the mesh that are not the service's own, which could send something. */
export const othersOf = (inventory: Inventory, service: InventoryService): InventoryIdentity[] =>
  identitiesOf(inventory).filter(
    (one) =>
      one.enrolled &&
      service.pods.every((pod) => pod.namespace !== one.namespace || pod.serviceAccount !== one.serviceAccount),
  );

/** The first of these ports at which requests are read; gRPC's calls have effects. */
export const probePort = (service: ServiceRef, ports: readonly number[], inventory: Inventory): number | undefined =>
  ports.find((port) => httpPortsOf(inventory, service).includes(port));

/** Undefined for a request that could have effects. */
export function probeOf(
  source: ProbeSource,
  service: ServiceRef,
  port: number,
  request: SampleRequest,
  expect: ProbeExpectation,
  note = "",
): Probe | undefined {
  const { method, path, headers } = request;
  if (!isSafe(method)) {
    return undefined;
  }
  const names = headers.map(({ name, value }) => (value === "1" ? name : `${name}: ${value}`));
  const who = source.kind === "workload" ? source.workload : "from outside";
  const what = `${method} ${path}${names.length === 0 ? "" : ` with ${names.join(" and ")}`}${note === "" ? "" : ` ${note}`}`;
  return {
    source,
    method,
    url: `http://${service.name}.${service.namespace}:${port}${path}`,
    headers: [...headers],
    expect,
    sentence: `as ${who}: ${what} to ${service.name} ${expect.kind === "refused" ? "is refused" : "gets in"}`,
  };
}
