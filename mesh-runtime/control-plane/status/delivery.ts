import { callerKey } from "../ca/caller.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import type { ProxyStream } from "../xds-server/proxy-stream.ts";
import type { ReceiptItem } from "./receipt-item.ts";
/** How far an object has come. */
export interface Delivery {
  /** Proxies that receive it, and those of them that confirmed. */
  readonly proxies: number;
  readonly confirmed: number;
  /** Names of the proxies that have not. */
  readonly waitingFor: readonly string[];
  readonly rejected: { readonly proxy: string; readonly error: string } | undefined;
}

/** The name that people know a proxy by: third part of Istio's node id (`type~ip~name~domain`), or all of it. */
const proxyName = ({ nodeId }: ProxyStream): string => nodeId.split("~")[2] || nodeId;

/** Counts the proxies that have confirmed all that carries the object, in its newest version. Pure. */
export function deliveryOf(item: ReceiptItem, streams: readonly ProxyStream[], snapshot: Snapshot): Delivery {
  let confirmed = 0;
  let proxies = 0;
  const waitingFor: string[] = [];
  let rejected: Delivery["rejected"];
  for (const stream of streams) {
    const state = stateAt(item, stream, snapshot);
    if (state === undefined) {
      continue;
    }
    proxies += 1;
    if (state === "confirmed") {
      confirmed += 1;
    } else {
      waitingFor.push(proxyName(stream));
      rejected ??= state === "waiting" ? undefined : { proxy: proxyName(stream), error: state.error };
    }
  }
  return { proxies, confirmed, waitingFor, rejected };
}

function stateAt(
  { carriers }: ReceiptItem,
  stream: ProxyStream,
  snapshot: Snapshot,
): "confirmed" | "waiting" | { readonly error: string } | undefined {
  let concerned = false;
  let waiting = false;
  for (const { typeUrl, name } of carriers) {
    const type = stream.types.get(typeUrl);
    if (type === undefined || !(type.wildcard || type.names.has(name))) {
      continue;
    }
    const resource = snapshot.types.get(typeUrl)?.get(name);
    if (resource?.reader !== undefined && resource.reader !== callerKey(stream.caller)) {
      // Asked for by somebody who may not have it: whatever is said about it counts for nothing.
      continue;
    }
    const version = resource?.version;
    const refused = type.rejected.get(name);
    if (version !== undefined && refused?.version === version) {
      return { error: refused.error };
    }
    concerned = true;
    waiting ||= type.acked.get(name) !== version;
  }
  return concerned ? (waiting ? "waiting" : "confirmed") : undefined;
}
