import { addressType, outsideType, proxyConfigType } from "../../xds/codec.ts";
import { callerKey } from "../ca/caller.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import type { ProxyStream } from "./proxy-stream.ts";

/** How long everybody else waits for the waypoints at most, in milliseconds. */
const holdMs = 150;

export interface PushOrder {
  /** Sends a snapshot: to the waypoints at once, to the others when the waypoints know what will come to them. */
  publish(snapshot: Snapshot, before: Snapshot | undefined): void;
  /** A proxy answered or went. */
  progress(): void;
  stop(): void;
}

/**
 * A service that is newly bound must be known to its waypoint before its callers hear of it, or their first requests
 * would find nobody. Only changes of addresses are held back, and only shortly: a waypoint that does not answer keeps
 * nobody from hearing news.
 */
export function createPushOrder(streams: () => Iterable<ProxyStream>): PushOrder {
  let held: { snapshot: Snapshot; readonly timer: NodeJS.Timeout } | undefined;
  const isFirst = ({ caller }: ProxyStream, { first }: Snapshot): boolean => first?.has(callerKey(caller)) === true;

  const release = (): void => {
    if (held !== undefined) {
      const { snapshot, timer } = held;
      clearTimeout(timer);
      held = undefined;
      for (const stream of [...streams()].filter((one) => !isFirst(one, snapshot))) {
        stream.push(snapshot);
      }
    }
  };
  const isWaiting = (snapshot: Snapshot): boolean => {
    for (const stream of streams()) {
      if (isFirst(stream, snapshot) && (stream.types.get(proxyConfigType.typeUrl)?.outstanding.size ?? 0) > 0) {
        return true;
      }
    }
    return false;
  };

  return {
    publish(snapshot, before) {
      for (const stream of [...streams()].filter((one) => isFirst(one, snapshot))) {
        stream.push(snapshot);
      }
      const news = [addressType, outsideType].some(
        ({ typeUrl }) => snapshot.types.get(typeUrl) !== before?.types.get(typeUrl),
      );
      const wasHeld = held !== undefined;
      if (held !== undefined) {
        held.snapshot = snapshot;
      } else {
        held = { snapshot, timer: setTimeout(release, holdMs) };
        held.timer.unref();
      }
      if ((!news && !wasHeld) || !isWaiting(snapshot)) {
        release();
      }
    },
    progress() {
      if (held !== undefined && !isWaiting(held.snapshot)) {
        release();
      }
    },
    stop: () => clearTimeout(held?.timer),
  };
}
