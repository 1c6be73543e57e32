import type { Duplex } from "node:stream";
import {
  type HboneServer,
  type InboundConnection,
  type InboundTunnel,
  startHboneServer,
  type TlsRefusal,
} from "../hbone/server.ts";
import type { Certificate } from "../identity/certificate-request.ts";
import type { Engine } from "../l7/engine.ts";
import type { MeshView } from "../l7/mesh-view.ts";
import { FairQuota } from "./fair-quota.ts";
import { Peers } from "./peers.ts";

export interface WaypointServerOptions {
  readonly host: string;
  /** 15008; 0 for a free one. */
  readonly port: number;
  readonly certificate: Certificate;
  readonly trustDomain: string;
  readonly engine: Pick<Engine, "destination" | "serve">;
  readonly view: MeshView;
  /** A peer that could not prove who it is. */
  onHandshakeRefused(reason: TlsRefusal, remoteAddress: string): void;
  /** Connections of all callers together (default 4,096), shared fairly by identity. */
  readonly connectionsMax?: number;
  /** Tunnels of all callers together (default 16,384), shared fairly by identity. */
  readonly tunnelsMax?: number;
  readonly reusePort?: boolean;
}

/** The HBONE server of a waypoint. */
export interface WaypointServer {
  readonly address: string;
  readonly port: number;
  readonly openConnections: number;
  connections(): Iterable<InboundConnection>;
  /** GOAWAY to every second connection; `retire` is told of the streams on them. Returns how many connections. */
  shed(retire: (stream: Duplex) => void): number;
  /** `end` is told of the streams to these services. */
  retireServices(services: ReadonlySet<string>, end: (stream: Duplex) => void): void;
  /** Shown to new connections; open ones stay. */
  replaceCertificate(certificate: Certificate): void;
  /** No new connections, GOAWAY on open ones; tunnels may finish. Resolves when the last has. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** Nobody here is called by this name. The same answer as Istio's waypoint for a host without a matching chain. */
const unknownDestination = 404;
/** A limit of this proxy; the caller may try another pod. */
const overloaded = 503;

/** Listens for callers' tunnels and hands each to the engine. Rejects when the address cannot be bound. */
export async function startWaypointServer(options: WaypointServerOptions): Promise<WaypointServer> {
  const { engine, view } = options;
  const peers = new Peers(view);
  const connectionsMax = options.connectionsMax ?? 4_096;
  const connections = new FairQuota({ total: connectionsMax });
  const tunnels = new FairQuota({ total: options.tunnelsMax ?? 16_384 });
  const open = new Map<InboundConnection, Map<Duplex, string>>();

  const onTunnel = (tunnel: InboundTunnel): void => {
    const { connection, host, port } = tunnel;
    const target = engine.destination(host, port);
    if (target === undefined) {
      tunnel.refuse(unknownDestination);
      return;
    }
    const holder = connection.principal;
    if (!tunnels.take(holder)) {
      tunnel.refuse(overloaded);
      return;
    }
    const stream = tunnel.accept();
    const streams = open.get(connection);
    streams?.set(stream, target.key);
    stream.once("close", () => {
      streams?.delete(stream);
      tunnels.release(holder);
    });
    engine.serve(stream, peers.of(connection, host), target);
  };

  const server: HboneServer = await startHboneServer({
    host: options.host,
    port: options.port,
    certificate: options.certificate,
    trustDomain: options.trustDomain,
    connectionsMax,
    reusePort: options.reusePort === true,
    admits: (connection) => {
      const admitted = connections.take(connection.principal);
      if (admitted) {
        open.set(connection, new Map());
      }
      return admitted;
    },
    onDisconnected: (connection) => {
      open.delete(connection);
      connections.release(connection.principal);
    },
    onTunnel,
    onRefused: ({ reason, remoteAddress }) => options.onHandshakeRefused(reason, remoteAddress),
  });
  return {
    address: server.address,
    port: server.port,
    get openConnections() {
      return server.openConnections;
    },
    connections: () => server.connections(),
    shed: (retire) => {
      const shed = [...open].filter((_entry, index) => index % 2 === 1);
      for (const [connection, streams] of shed) {
        server.retire(connection);
        for (const stream of streams.keys()) {
          retire(stream);
        }
      }
      return shed.length;
    },
    retireServices(services, end) {
      for (const streams of open.values()) {
        for (const [stream, key] of streams) {
          // `<service>:<port>`
          if (services.has(key.slice(0, key.lastIndexOf(":")))) {
            end(stream);
          }
        }
      }
    },
    replaceCertificate: (certificate) => server.replaceCertificate(certificate),
    drain: () => server.drain(),
    close: () => server.close(),
  };
}
