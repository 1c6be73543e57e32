/** Labels that ask for a waypoint which is not there, or does not serve. Pure. */

import { listNames } from "@/server/golden-paths/path.ts";
import { useWaypointLabel } from "@/server/golden-paths/waypoint/named-waypoint.ts";
import { waypointClass } from "@/server/inventory/labels.ts";
import type { Inventory, InventoryService } from "@/server/inventory/model.ts";
import { at, type Check, type Found, giveAWaypoint, idOf, type Located, nameOf, namespaceOf } from "./check.ts";

const namespaceLabel = "istio.io/use-waypoint-namespace";

/** An object that asks for a waypoint, and the services that it asks for. */
interface Asking {
  readonly kind: "Namespace" | "Service" | "ServiceEntry";
  readonly object: Located;
  readonly waypoint: { readonly namespace: string; readonly name: string };
  readonly services: readonly InventoryService[];
}

function asking(inventory: Inventory): Asking[] {
  const { namespaces, services, serviceEntries } = inventory.objects;
  const labelled = (object: Located): boolean => object.metadata?.labels?.[useWaypointLabel] !== undefined;
  const own = new Set(services.filter(labelled).map((one) => `${namespaceOf(one)}/${nameOf(one)}`));
  const of = (
    kind: Asking["kind"],
    object: Located,
    namespace: string,
    meant: readonly InventoryService[],
  ): Asking[] => {
    const { [useWaypointLabel]: name = "none", [namespaceLabel]: there = namespace } = object.metadata?.labels ?? {};
    return name === "none" ? [] : [{ kind, object, waypoint: { namespace: there, name }, services: meant }];
  };
  return [
    ...namespaces.flatMap((object) =>
      of(
        "Namespace",
        object,
        nameOf(object),
        inventory.services.filter(
          (one) => one.kind === "service" && one.namespace === nameOf(object) && !own.has(idOf(one)),
        ),
      ),
    ),
    ...services.filter(labelled).flatMap((object) =>
      of(
        "Service",
        object,
        namespaceOf(object),
        inventory.services.filter((one) => one.namespace === namespaceOf(object) && one.name === nameOf(object)),
      ),
    ),
    ...serviceEntries.flatMap((object) => of("ServiceEntry", object, namespaceOf(object), [])),
  ];
}

/** The label alone binds nothing: until the waypoint serves, calls go past it and its rules. */
export const waypointLabels: Check = ({ inventory }) =>
  asking(inventory).flatMap((one) => {
    const gateway = inventory.gateways.find(
      ({ className, namespace, name }) => className === waypointClass && `${namespace}/${name}` === idOf(one.waypoint),
    );
    return gateway === undefined ? [missing(one)] : unready(gateway, one.services);
  });

function missing({ kind, object, waypoint, services }: Asking): Found {
  const namespace = namespaceOf(object) || nameOf(object);
  const found = at(
    kind,
    object,
    "waypoint-missing",
    `It asks for the waypoint ${idOf(waypoint)} (label ${useWaypointLabel}), which does not exist: calls go past it, and no rule about requests is enforced. Create the waypoint, or take the label away.`,
    { services: services.map(idOf), ...(kind === "Namespace" ? { path: giveAWaypoint(namespace) } : {}) },
  );
  return { ...found, namespace };
}

function unready({ namespace, name }: Asking["waypoint"], services: readonly InventoryService[]): Found[] {
  const unbound = services.filter(({ waypointBound }) => waypointBound?.ok === false);
  const why = [...new Set(unbound.map(({ waypointBound }) => waypointBound?.message ?? ""))];
  const message = `It does not serve ${listNames(unbound.map((one) => one.name))}: ${listNames(why, 2)}. Until it does, calls go past it or are refused. Look at the Gateway and its pods.`;
  return unbound.length === 0
    ? []
    : [
        at("Gateway", { metadata: { namespace, name } }, "waypoint-not-ready", message, {
          services: unbound.map(idOf),
        }),
      ];
}
