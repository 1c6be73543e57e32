import type { Outside } from "../../../xds/outside.ts";
import type { WantedCondition } from "../conditions.ts";
import type { ConfigSources } from "../config-sources.ts";
import type { World } from "../input/world.ts";
import type { TranslationMemory } from "../memory.ts";
import type { Bindings } from "../waypoint/bindings.ts";
import { waypointBound } from "../waypoint/service-status.ts";
import type { Waypoint } from "../waypoint/waypoint.ts";
import { translateOutside } from "./destinations.ts";
import { entryEffect } from "./effect.ts";
import { type VirtualAddress, virtualAddresses } from "./virtual-addresses.ts";
import { type OutsidePart, type OwnedPorts, outsidePart, ownedPorts, takenPorts } from "./waypoint-services.ts";

/** What a ServiceEntry's status says. */
export interface EntryStatus {
  readonly bound?: WantedCondition;
  readonly effect?: WantedCondition;
  readonly addresses?: readonly VirtualAddress[];
}

/** Everything that ServiceEntries lead to. One per translation. */
export interface OutsideWorld {
  /** For agents, by name on the wire. */
  readonly destinations: ReadonlyMap<string, Outside>;
  /** By store key. */
  readonly entries: ReadonlyMap<string, EntryStatus>;
  partsOf(waypoint: Waypoint): readonly OutsidePart[];
}

/** Translates all ServiceEntries. Pure. */
export function createOutside(
  world: World,
  bindings: Bindings,
  sources: ConfigSources,
  memory: TranslationMemory,
): OutsideWorld {
  const addresses = virtualAddresses(world.serviceEntries);
  const owned = new Map<string, OwnedPorts>(
    [...bindings.waypoints.keys()].map((key) => [key, ownedPorts(bindings.entriesOf(key))]),
  );
  const statusOf = (key: string): EntryStatus => {
    const entry = world.serviceEntries.get(key);
    const binding = bindings.ofServiceEntry(key);
    const at = owned.get(binding?.intended?.key ?? "");
    const taken = entry === undefined || at === undefined ? [] : takenPorts(entry, at);
    const bound = waypointBound(binding);
    const effect = entry === undefined ? undefined : entryEffect(entry, { binding, taken });
    const own = addresses.get(key);
    return {
      ...(bound === undefined ? {} : { bound }),
      ...(effect === undefined ? {} : { effect }),
      ...(own === undefined ? {} : { addresses: own }),
    };
  };
  return {
    destinations: translateOutside({
      entries: world.serviceEntries,
      addresses,
      mode: world.meshConfig.outboundMode,
      memo: memory.outside,
      binding: bindings.ofServiceEntry,
    }),
    entries: new Map([...world.serviceEntries.keys()].map((key) => [key, statusOf(key)])),
    partsOf: ({ key, gateway }) =>
      bindings.entriesOf(key).map((entry) => {
        const own = owned.get(key)?.get(entry) ?? new Set<string>();
        const dependencies = [key, [...own].join(" "), ...sources.entryDependencies(entry, gateway)];
        return memory.outsideParts(entry, dependencies, () =>
          outsidePart(entry, own, sources.atServiceEntry(entry, gateway)),
        );
      }),
  };
}
