import type { Log } from "../../common/log.ts";
import type { KubeClient } from "../../kube-client/client.ts";
import { debounce } from "../debounce.ts";
import { fields } from "../translate/input/lenient.ts";
import type { MeshFacts } from "../translate/input/world.ts";
import type { Translation } from "../translate/translate.ts";
import type { ResourceName } from "../world/resources.ts";
import type { WatchedWorld } from "../world/watched-world.ts";
import type { DiscoveryHub } from "../xds-server/discovery-hub.ts";
import type { ProxyStream } from "../xds-server/proxy-stream.ts";
import { mergeStatus } from "./merge-status.ts";
import { createProxyRoll } from "./proxy-roll.ts";
import { receiptItems } from "./receipt-items.ts";
import { createReceipts } from "./receipts.ts";
import { createStatusWriter } from "./status-writer.ts";
import type { ReceiptLookup } from "./wanted.ts";
import { wantedStatuses } from "./wanted-status.ts";

export interface StatusKeeper {
  onTranslation(translation: Translation, changedAtMs: number): void;
  /** A proxy confirmed, refused, came or went. */
  onProgress(ended?: ProxyStream): void;
  stop(): void;
}

export interface StatusKeeperOptions {
  readonly client: KubeClient;
  readonly watched: WatchedWorld;
  readonly hub: Pick<DiscoveryHub, "streams" | "snapshot">;
  readonly facts: MeshFacts;
  readonly log: Log;
}

/** Kinds that carry a status of ours. */
const statusKinds: ReadonlySet<ResourceName> = new Set<ResourceName>([
  "authorizationPolicies",
  "peerAuthentications",
  "requestAuthentications",
  "rateLimitPolicies",
  "destinationRules",
  "virtualServices",
  "telemetries",
  "gateways",
  "gatewayClasses",
  "httpRoutes",
  "grpcRoutes",
  "namespaces",
  "services",
  "serviceEntries",
]);

/** Keeps every status equal to what the newest translation and the proxies' answers say. */
export function createStatusKeeper({ client, watched, hub, facts, log }: StatusKeeperOptions): StatusKeeper {
  const receipts = createReceipts();
  const roll = createProxyRoll();
  const writer = createStatusWriter({ client, log, onSettled: () => again.trigger() });
  /** Objects whose status was seen to be as wanted; as long as both stay the same they need no second look. */
  let settled: ReadonlyMap<string, { readonly object: unknown; readonly text: string }> = new Map();
  /** Objects that are other ones than the translation has read: nothing that is known yet is about them. */
  const unread = new Set<string>();
  let translation: Translation | undefined;
  let wakeUp: NodeJS.Timeout | undefined;

  const keep = (): void => {
    const snapshot = hub.snapshot();
    if (translation === undefined || snapshot === undefined) {
      return;
    }
    const nowMs = Date.now();
    const now = new Date(Math.floor(nowMs / 1_000) * 1_000).toISOString().replace(".000Z", "Z");
    const proxies = roll.list(hub.streams(), watched.world);
    let nextMs = Number.POSITIVE_INFINITY;
    const lookup: ReceiptLookup = (key) => {
      const view = receipts.view(key, proxies, snapshot, nowMs);
      if (view === undefined) {
        return {};
      }
      if (view.kind === "undecided") {
        nextMs = Math.min(nextMs, view.atMs);
        return { undecidedUntilMs: view.atMs };
      }
      return { condition: view.condition, standing: view.settledBefore };
    };
    const before = settled;
    const next = new Map<string, { readonly object: unknown; readonly text: string }>();
    for (const wanted of wantedStatuses(translation, watched.world, lookup)) {
      const id = `${wanted.resource}/${wanted.key}`;
      const object = watched.object(wanted.resource, wanted.key);
      if (object === undefined || wanted.undecidedUntilMs !== undefined || unread.has(id)) {
        continue;
      }
      const seen = { object, text: JSON.stringify(wanted) };
      const former = before.get(id);
      if (former?.object === object && former.text === seen.text) {
        next.set(id, former);
        continue;
      }
      const status = mergeStatus(wanted, fields(object)["status"], now);
      if (status === undefined) {
        next.set(id, seen);
      } else {
        writer.write(wanted.resource, wanted.key, status);
      }
    }
    settled = next;
    clearTimeout(wakeUp);
    if (nextMs !== Number.POSITIVE_INFINITY) {
      wakeUp = setTimeout(keep, Math.max(1, nextMs - nowMs));
      wakeUp.unref();
    }
  };
  const again = debounce(keep, { quietMs: 3, maxMs: 50 });
  const stopWatching = watched.onChange(({ resource, key, input }) => {
    if (!statusKinds.has(resource)) {
      return;
    }
    if (input) {
      unread.add(`${resource}/${key}`);
    } else {
      again.trigger();
    }
  });

  return {
    onTranslation(next, changedAtMs) {
      translation = next;
      unread.clear();
      receipts.update(receiptItems(next, watched.world, facts), changedAtMs);
      again.trigger();
    },
    onProgress(ended) {
      if (ended !== undefined) {
        roll.left(ended);
      }
      again.trigger();
    },
    stop() {
      stopWatching();
      clearTimeout(wakeUp);
      again.stop();
      writer.stop();
    },
  };
}
