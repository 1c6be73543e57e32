import { performance } from "node:perf_hooks";
import type { Duplex } from "node:stream";
import { meshNetwork } from "../common/mesh-network.ts";
import type { ProxyConfig } from "../xds/proxy-config.ts";
import { createClusterCall } from "./cluster-call.ts";
import type { Engine, EngineTarget } from "./engine.ts";
import { connectionsMaxDefault, type EngineOptions, heldBytesMaxDefault } from "./engine-options.ts";
import type { Peer } from "./peer.ts";
import { PlannerMemory } from "./plan/index.ts";
import { createOutsideDial } from "./pool/dial-outside.ts";
import { createDial } from "./pool/dial-upstream.ts";
import { OutsideResolver } from "./pool/outside-resolver.ts";
import { UpstreamPools } from "./pool/upstream-pools.ts";
import { ServedStreams } from "./served-streams.ts";
import { TargetTable } from "./target-table.ts";
import { createUpstreams } from "./upstream/create-upstreams.ts";
import type { ClusterSnapshot } from "./upstream/upstreams.ts";
import { clientTimeouts } from "./wire/connection.ts";

const sweepMs = 1_000;

/** Puts the engine together: clusters, connections to them, planners, and what serves streams. */
export function createEngine(options: EngineOptions): Engine {
  const { view, localAddress, locality, onExchange, onTunnel } = options;
  const now = options.now ?? Date.now;
  const random = options.random ?? Math.random;
  const onRefused = (host: string, addresses: readonly string[]): void =>
    options.log.warn("a name outside leads to addresses that are not called", { host, addresses: addresses.join(" ") });
  const inNetwork = meshNetwork(localAddress);
  const isInside = (address: string): boolean => inNetwork(address) || view.workloadAt(address) !== undefined;
  const outside = createOutsideDial(new OutsideResolver({ onRefused }), isInside);
  const dial = options.dial ?? createDial({ ...options, outside });
  const home = (): { region: string; zone: string; subzone: string; node: string } => {
    const own = view.workloadAt(localAddress);
    return own === undefined ? { ...locality, node: "" } : { ...own.locality, node: own.node };
  };
  const upstreams = createUpstreams({ view, home, now, random });
  const pools = new UpstreamPools(dial);
  const call = createClusterCall(upstreams, pools);
  const { onUnknownKey } = options;
  const targets = new TargetTable({ upstreams, call, memory: new PlannerMemory(), now, random, onUnknownKey });
  const timeouts = { ...clientTimeouts, ...options.timeouts };
  const streams = new ServedStreams({
    exchanges: { pools, upstreams, call, onExchange, onCopy: options.onCopy ?? (() => undefined) },
    tunnels: { upstreams, dial, onTunnel },
    timeouts,
    http1Limits: options.http1Limits ?? {},
    streamsMax: options.connectionsMax ?? connectionsMaxDefault,
    heldBytesMax: options.heldBytesMax ?? heldBytesMaxDefault,
    random,
  });
  const sweep = setInterval(
    () => {
      streams.checkTimeouts(performance.now());
      const ended = streams.relieve();
      if (ended > 0) {
        options.log.warn("too much waits for slow callers or servers: those that held most were ended", { ended });
      }
    },
    Math.min(sweepMs, timeouts.headMs / 2),
  ).unref();

  return {
    apply(config: ProxyConfig): void {
      // Planners look clusters up while they are made; should one fail, the clusters it did not need do no harm.
      upstreams.update(config.clusters);
      targets.apply(config);
      streams.reconfigured();
    },
    listener: (port) => targets.listener(port),
    destination: (host, port) => targets.destination(host, port),
    serve(stream: Duplex, peer: Peer, target: EngineTarget, alpn?: "h2" | "http/1.1"): void {
      streams.serve(stream, peer, targets.placed(target), alpn);
    },
    get openConnections() {
      return streams.size;
    },
    get openRequests() {
      return streams.requests;
    },
    clusters: (): readonly ClusterSnapshot[] => upstreams.snapshot(),
    retire: (stream, quietMs) => streams.retire(stream, quietMs),
    async drain(graceMs: number, quietMs?: number): Promise<void> {
      await streams.drain(graceMs, quietMs);
      clearInterval(sweep);
      pools.close();
    },
  };
}
