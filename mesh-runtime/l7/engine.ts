import type { Duplex } from "node:stream";
import type { ProxyConfig } from "../xds/proxy-config.ts";
import type { Peer } from "./peer.ts";
import type { ClusterSnapshot } from "./upstream/upstreams.ts";

/** A place of the configuration that a connection may be served by: a gateway's port, a service's port, a pod's. */
export interface EngineTarget {
  /** Names the place in telemetry and logs. */
  readonly key: string;
  readonly port: number;
}

/** The layer 7 engine of one proxy process. */
export interface Engine {
  /** New configuration, whole; requests under way keep what they began with. Throws on what cannot be prepared: the former stays. */
  apply(config: ProxyConfig): void;
  /** Of a gateway: its port. */
  listener(port: number): EngineTarget;
  /** Of a waypoint: where the authority of a tunnel leads (host name, ClusterIP or pod address). `undefined`: nobody here. */
  destination(host: string, port: number): EngineTarget | undefined;
  /** Serves a byte stream until it ends: HTTP/1.1 or HTTP/2 by what the port speaks, by ALPN, or by the first bytes; else TCP. */
  serve(stream: Duplex, peer: Peer, target: EngineTarget, alpn?: "h2" | "http/1.1"): void;
  readonly openConnections: number;
  readonly openRequests: number;
  clusters(): readonly ClusterSnapshot[];
  /** Ends one stream in good order: after what is under way, and when nothing has been for `quietMs`. */
  retire(stream: Duplex, quietMs: number): void;
  /**
   * Nothing new; resolves when all is done, at the latest after `graceMs`. A kept connection ends with its next answer, or
   * when nothing came for `quietMs` (default 0): its client may be about to use it.
   */
  drain(graceMs: number, quietMs?: number): Promise<void>;
}
