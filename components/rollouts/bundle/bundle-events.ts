/** What happened in a bundle: the events of its releases as one story. Pure. */
import type { RolloutDetails, RolloutEvent } from "@/server/contracts/rollouts.ts";

/** Events with the service that each is about, by their new `sequence`. */
export interface BundleEvents {
  readonly events: readonly RolloutEvent[];
  readonly about: ReadonlyMap<number, string>;
  readonly changes: RolloutDetails["changes"];
}

type Told = Pick<RolloutDetails, "service" | "events" | "changes" | "number">;

/** Oldest first and counted anew; at the same moment those of the earlier release come first. */
export function bundleEvents(releases: readonly Told[]): BundleEvents {
  const all = releases
    .flatMap(({ service, number, events }) => events.map((event) => ({ event, number, name: service.name })))
    .sort(
      (one, other) =>
        one.event.timeUnixMs - other.event.timeUnixMs ||
        one.number - other.number ||
        one.event.sequence - other.event.sequence,
    );
  return {
    events: all.map(({ event }, at) => ({ ...event, sequence: at })),
    about: new Map(all.map(({ name }, at) => [at, name])),
    changes: releases.flatMap(({ changes }) => changes),
  };
}
