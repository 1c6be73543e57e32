import type { World } from "../translate/input/world.ts";
import type { ProxyStream } from "../xds-server/proxy-stream.ts";

/** The proxies that count for receipts: connected ones, and those that are away but still enforce what they had. */
export interface ProxyRoll {
  /** A stream ended. */
  left(stream: ProxyStream): void;
  list(connected: readonly ProxyStream[], world: World): readonly ProxyStream[];
}

/**
 * Whose stream it is, by the part of the node id that the token proves. The rest of it, such as the address, is only said:
 * who has a proxy's token could leave any number of its former selves behind, which would never confirm anything.
 */
const ownerOf = ({ nodeId }: ProxyStream): string => nodeId.split("~")[2] || nodeId;

/**
 * A proxy that lost its connection keeps its last configuration, so it still counts until its pod or node is gone.
 * One that connects again replaces its former self.
 */
export function createProxyRoll(): ProxyRoll {
  const away = new Map<string, ProxyStream>();
  return {
    left(stream) {
      if (stream.nodeId !== "") {
        away.set(ownerOf(stream), stream);
      }
    },
    list(connected, world) {
      for (const stream of connected) {
        away.delete(ownerOf(stream));
      }
      for (const [owner, { caller }] of away) {
        const alive =
          caller.pod !== undefined
            ? world.pods.has(`${caller.namespace}/${caller.pod}`)
            : caller.node !== undefined && world.nodes.has(caller.node);
        if (!alive) {
          away.delete(owner);
        }
      }
      return [...connected, ...away.values()];
    },
  };
}
