import type { MeshAddress } from "../../../xds/address-type.ts";
import type { Workload } from "../../../xds/model.ts";
import type { WantedCondition } from "../conditions.ts";
import { keyOf } from "../input/lenient.ts";
import { keyOfService } from "../service-address.ts";
import type { Bindings } from "./bindings.ts";
import type { Guards } from "./guards.ts";

/** What each Service behind a ready waypoint deserves to be told. */
export function guardConditions(
  bindings: Bindings,
  addresses: ReadonlyMap<string, MeshAddress>,
  guards: Guards,
): ReadonlyMap<string, WantedCondition> {
  const serving = new Map<string, Workload[]>();
  for (const address of addresses.values()) {
    if (address.kind === "workload") {
      for (const service of Object.keys(address.workload.services)) {
        const group = serving.get(service) ?? [];
        serving.set(service, group);
        group.push(address.workload);
      }
    }
  }
  const conditions = new Map<string, WantedCondition>();
  for (const waypoint of bindings.waypoints.values()) {
    for (const service of waypoint.everReady ? bindings.servicesOf(waypoint.key) : []) {
      const workloads = (serving.get(keyOfService(service)) ?? []).sort((a, b) => (a.uid < b.uid ? -1 : 1));
      conditions.set(keyOf(service), guards.conditionOf(service, waypoint, workloads));
    }
  }
  return conditions;
}
