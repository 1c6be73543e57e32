/** Whether calls to services go through their waypoint, or past it again, after labels moved. Pure. */
import {
  ingressUseWaypointLabel,
  refusesWaypoint,
  useWaypointLabel,
} from "@/server/golden-paths/waypoint/named-waypoint.ts";
import type { Inventory, InventoryService } from "@/server/inventory/model.ts";
import type { Entry } from "./entry.ts";
import type { Step } from "./order.ts";

/** A condition is a moment late; longer than this and there is none for the service. */
const conditionMs = 3_000;
/** Connections to a waypoint that is left are kept by callers until they end in good order. */
const leavingMs = 4_000;

const labelOf = (resource: Step["after"], label: string): string | undefined => resource?.metadata.labels?.[label];

/** The step leads calls through a waypoint or past it. */
export const isBinding = ({ ref, before, after }: Step): boolean =>
  (ref.kind === "Namespace" || (ref.kind === "Service" && before !== undefined && after !== undefined)) &&
  [useWaypointLabel, ingressUseWaypointLabel].some((label) => labelOf(before, label) !== labelOf(after, label));

/** `heard`: what the agents say since the labels were written. */
export function boundEntry(
  step: Step,
  heard: Entry,
  inventory: Inventory,
  elapsedMs: number,
  drainMs: number = leavingMs,
): Entry {
  const { ref, before, after } = step;
  const wants = labelOf(after, useWaypointLabel);
  if (wants === labelOf(before, useWaypointLabel)) {
    return heard;
  }
  const services = inventory.services.filter(
    (service) =>
      service.kind === "service" &&
      (ref.kind === "Namespace"
        ? service.namespace === ref.name && !refusesWaypoint(inventory, service)
        : service.namespace === ref.namespace && service.name === ref.name),
  );
  const missing = services.filter((service) => !isSo(service, wants !== undefined, elapsedMs));
  const [first] = missing;
  if (first === undefined) {
    const leaves = wants === undefined && services.length > 0 && elapsedMs < drainMs;
    const message = "Connections to the waypoint end";
    return leaves ? { ...heard, status: "Unknown", reason: "WaypointLeaving", message } : heard;
  }
  const why = first.waypointBound?.message ?? "no word yet";
  const done = wants === undefined ? "left its waypoint" : "is behind its waypoint";
  return {
    ...heard,
    status: "Unknown",
    reason: "WaypointBinding",
    message: `${services.length - missing.length} of ${services.length} services: ${first.namespace}/${first.name} not yet ${done} (${why})`,
  };
}

function isSo({ waypointBound }: InventoryService, bound: boolean, elapsedMs: number): boolean {
  if (!bound) {
    return waypointBound === undefined;
  }
  return waypointBound === undefined ? elapsedMs > conditionMs : waypointBound.ok;
}
