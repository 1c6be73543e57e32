import type { KubeObject } from "../../api/meta.ts";
import type { ResourceDeps } from "../resources/deps.ts";

/** Events tell what happened lately; kube-apiserver keeps them for an hour too. */
const keptMs = 3_600_000;
/** Newest events that are kept when there are more, whatever their age. */
const countMax = 5_000;

interface EventLike extends KubeObject {
  lastTimestamp?: string | null;
  eventTime?: string | null;
}

function lastSeen(event: EventLike): number {
  const texts = [event.lastTimestamp, event.eventTime, event.metadata?.creationTimestamp];
  return Math.max(0, ...texts.map((text) => Date.parse(text ?? "")).filter((time) => !Number.isNaN(time)));
}

/** Removes Events that were last seen too long ago, and the oldest when there are too many. */
export function expireEvents({ store, now }: Pick<ResourceDeps, "store" | "now">): void {
  const oldest = now().getTime() - keptMs;
  const events = store
    .list("/events")
    .map((stored) => ({ stored, seen: lastSeen(stored.object) }))
    .sort((a, b) => b.seen - a.seen);
  for (const [index, { stored, seen }] of events.entries()) {
    if (seen < oldest || index >= countMax) {
      store.delete(stored);
    }
  }
}
