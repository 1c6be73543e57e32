import type { ServiceRef } from "@/server/contracts/names.ts";
import { findService, type Inventory, waypointOf } from "@/server/inventory/model.ts";
import type { TelemetryMemory } from "@/server/telemetry/memory.ts";
import { addCounts, type IntervalCounts, noCounts, type VersionCounts } from "../analysis/counts.ts";
import type { MeasurePort } from "../ports.ts";
import { type Counter, isAbout, isCopyFor, isError } from "./version-requests.ts";

type Memory = Pick<TelemetryMemory, "requests" | "proxies" | "copyOutcomes">;

/** Figures of versions, from what the waypoints reported. */
export class Measures implements MeasurePort {
  readonly #memory: Memory;
  readonly #inventory: { readonly current: Inventory };

  constructor(memory: Memory, inventory: { readonly current: Inventory }) {
    this.#memory = memory;
    this.#inventory = inventory;
  }

  interval(service: ServiceRef, stable: string, canary: string, fromUnixMs: number, toUnixMs: number): IntervalCounts {
    const sums = this.#sums(service, [stable, canary], fromUnixMs, toUnixMs);
    const copies = this.#copies(service, canary, fromUnixMs, toUnixMs);
    return {
      ...{ fromUnixMs, toUnixMs, stable: sums[0] ?? noCounts, canary: sums[1] ?? noCounts },
      ...(copies.requests === 0 ? {} : { copies }),
    };
  }

  counts(service: ServiceRef, version: string, fromUnixMs: number, toUnixMs: number): VersionCounts {
    return this.#sums(service, [version], fromUnixMs, toUnixMs)[0] ?? noCounts;
  }

  counterOf(service: ServiceRef): Counter {
    return findService(this.#inventory.current, service)?.waypoint === undefined ? "source" : "waypoint";
  }

  /** Of several waypoint pods the one that was silent longest: what it counts is missing. */
  freshUnixMs(ref: ServiceRef): number | null {
    const inventory = this.#inventory.current;
    const service = findService(inventory, ref);
    const gateway = service === undefined ? undefined : waypointOf(inventory, service);
    const waypoint =
      gateway === undefined
        ? undefined
        : findService(inventory, { namespace: gateway.namespace, name: gateway.service || gateway.name });
    const reported = waypoint?.pods
      .filter(({ ready }) => ready)
      .map(({ namespace, name }) => this.#memory.proxies.get(`${name}.${namespace}`)?.seenUnixMs ?? 0);
    return reported === undefined || reported.length === 0 || reported.includes(0) ? null : Math.min(...reported);
  }

  #copies(service: ServiceRef, version: string, fromUnixMs: number, toUnixMs: number): VersionCounts {
    let sum = noCounts;
    this.#memory.copyOutcomes.each(fromUnixMs, toUnixMs, (identity, { count, buckets }) => {
      if (isCopyFor(identity, service, version)) {
        sum = addCounts(sum, { requests: count, errors: isError(identity) ? count : 0, buckets });
      }
    });
    return sum;
  }

  #sums(service: ServiceRef, versions: readonly string[], fromUnixMs: number, toUnixMs: number): VersionCounts[] {
    const sums = versions.map(() => noCounts);
    const counter = this.counterOf(service);
    this.#memory.requests.each(fromUnixMs, toUnixMs, (identity, { count, buckets }) => {
      const at = versions.findIndex((version) => isAbout(identity, service, version, counter));
      const sum = sums[at];
      if (sum !== undefined) {
        sums[at] = addCounts(sum, { requests: count, errors: isError(identity) ? count : 0, buckets });
      }
    });
    return sums;
  }
}
