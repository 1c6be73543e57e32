/** What labels say about the waypoint of a service. Pure. */
import type { ServiceRef } from "@/server/contracts/names.ts";
import { waypointClass } from "@/server/inventory/labels.ts";
import type { Inventory } from "@/server/inventory/model.ts";

export const useWaypointLabel = "istio.io/use-waypoint";
const useWaypointNamespaceLabel = "istio.io/use-waypoint-namespace";
/** On a Service: ingress gateways go through its waypoint too. */
export const ingressUseWaypointLabel = "istio.io/ingress-use-waypoint";

type Labels = Readonly<Record<string, string>>;

const labelsByName = new WeakMap<readonly object[], ReadonlyMap<string, Labels>>();

/** Labels of a Service as they are live; empty when there is none. */
export function labelsOfService({ objects }: Inventory, { namespace, name }: ServiceRef): Labels {
  const known =
    labelsByName.get(objects.services) ??
    new Map(
      objects.services.map(({ metadata }): [string, Labels] => [
        `${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`,
        metadata?.labels ?? {},
      ]),
    );
  labelsByName.set(objects.services, known);
  return known.get(`${namespace}/${name}`) ?? {};
}

/** Of a Service's labels those that name a waypoint. */
export const waypointLabels = (labels: Labels): Labels =>
  Object.fromEntries(
    [useWaypointLabel, useWaypointNamespaceLabel].flatMap((label) =>
      labels[label] === undefined ? [] : [[label, labels[label]]],
    ),
  );

/** The Service itself says that it wants no waypoint: its namespace's is not for it. */
export const refusesWaypoint = (inventory: Inventory, service: ServiceRef): boolean =>
  labelsOfService(inventory, service)[useWaypointLabel] === "none";

/** The existing waypoint that the labels of the Service, or of its namespace, name; ready or not. */
export function namedWaypoint(inventory: Inventory, service: ServiceRef): ServiceRef | undefined {
  const own = labelsOfService(inventory, service);
  const inherited = inventory.namespaces.find(({ name }) => name === service.namespace)?.labels ?? {};
  const source = own[useWaypointLabel] === undefined ? inherited : own;
  const name = source[useWaypointLabel];
  if (name === undefined || name === "none") {
    return undefined;
  }
  const namespace = source[useWaypointNamespaceLabel] ?? service.namespace;
  const exists = inventory.gateways.some(
    (gateway) => gateway.className === waypointClass && gateway.namespace === namespace && gateway.name === name,
  );
  return exists ? { namespace, name } : undefined;
}
