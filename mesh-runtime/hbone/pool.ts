import type { Duplex } from "node:stream";
import type { Log } from "../common/log.ts";
import { ports } from "../common/ports.ts";
import type { Certificate } from "../identity/certificate-request.ts";
import type { VerifiedPeer } from "../identity/peer-certificate.ts";
import { formatSpiffeId, type WorkloadIdentity } from "../identity/spiffe-id.ts";
import { ClientConnection, type DialRequest, dialTls } from "./client-connection.ts";
import { dialError, HboneError } from "./errors.ts";
import { flowControl } from "./flow-control.ts";
import type { CertificateSource } from "./secure-context.ts";

export interface HboneLimits {
  /** Streams on one connection before another is dialled. */
  readonly streamsMax: number;
  /** Connections to one destination for one caller; beyond it, the fullest limit of the peer decides. */
  readonly connectionsMax: number;
  /** Waiting for the caller's certificate. */
  readonly certificateTimeoutMs: number;
  /** TLS handshake. */
  readonly dialTimeoutMs: number;
  /** Answer to CONNECT. */
  readonly answerTimeoutMs: number;
  /** A connection without streams is closed after this. */
  readonly idleMs: number;
}

export const hboneLimits: HboneLimits = {
  streamsMax: flowControl.streamsMax,
  connectionsMax: 64,
  certificateTimeoutMs: 5_000,
  dialTimeoutMs: 5_000,
  answerTimeoutMs: 10_000,
  idleMs: 60_000,
};

export interface TunnelRequest {
  /** The caller, whose certificate is used. */
  readonly source: WorkloadIdentity;
  /** The caller's own address to dial from; part of the pool's key. */
  readonly localAddress?: string;
  readonly destination: {
    readonly address: string;
    /** Default 15008. */
    readonly port?: number;
    /** Who must answer. */
    readonly identity: WorkloadIdentity;
  };
  /** `<pod address>:<pod port>`, the `:authority` of CONNECT. */
  readonly target: string;
  /** `baggage`, `traceparent`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The mutual TLS under a tunnel, as the dialling side sees it. */
export interface TunnelSecurity {
  readonly tlsVersion: string;
  readonly cipher: string;
  /** The caller's certificate. */
  readonly source: Certificate;
  readonly peer: VerifiedPeer;
}

export interface Tunnel {
  readonly stream: Duplex;
  readonly security: TunnelSecurity;
}

/** One pooled connection, for telemetry. */
export interface PooledConnection extends TunnelSecurity {
  /** Where it was dialled from, when that was asked for. */
  readonly localAddress: string | undefined;
  /** The peer's address. */
  readonly address: string;
  readonly streams: number;
}

export interface HbonePool {
  /** Opens a tunnel. Rejects with an HboneError. */
  connect(request: TunnelRequest): Promise<Tunnel>;
  connections(): readonly PooledConnection[];
  /** Stops using connections to an address, e.g. because its pod left the mesh; open streams may finish. */
  forget(address: string): void;
  /** Ends all connections. */
  close(): void;
}

export interface HbonePoolOptions {
  readonly certificates: CertificateSource;
  readonly trustDomain: string;
  readonly log: Log;
  readonly limits?: Partial<HboneLimits>;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

interface Entry {
  readonly key: string;
  readonly sourceId: string;
  readonly destinationId: string;
  readonly request: Pick<TunnelRequest, "source" | "localAddress" | "destination">;
  readonly connections: Set<ClientConnection>;
  /** Dials under way, each with the number of callers that wait for it. */
  readonly dials: Set<{ waiting: number; readonly connection: Promise<ClientConnection> }>;
}

/**
 * Connections to peers, shared per caller identity, caller address, destination identity and destination address: a
 * connection never carries requests of two identities.
 */
export function createHbonePool(options: HbonePoolOptions): HbonePool {
  const limits = { ...hboneLimits, ...options.limits };
  const now = options.now ?? Date.now;
  const entries = new Map<string, Entry>();
  let closed = false;

  const stopRenewals = options.certificates.onRenewal((certificate) => {
    for (const entry of entries.values()) {
      if (entry.sourceId === certificate.info.spiffeId) {
        drainWhere(entry, (connection) => connection.certificate !== certificate);
      }
    }
  });

  function entryOf(request: TunnelRequest): Entry {
    const { destination } = request;
    const sourceId = formatSpiffeId(request.source);
    const destinationId = formatSpiffeId(destination.identity);
    const key = `${sourceId} ${request.localAddress ?? ""} ${destinationId} ${destination.address} ${destination.port ?? ports.hbone}`;
    let entry = entries.get(key);
    if (entry === undefined) {
      entry = { key, sourceId, destinationId, request, connections: new Set(), dials: new Set() };
      entries.set(key, entry);
    }
    return entry;
  }

  function drainWhere(entry: Entry, stale: (connection: ClientConnection) => boolean): void {
    for (const connection of entry.connections) {
      if (stale(connection)) {
        connection.drain();
      }
    }
  }

  function pooled(entry: Entry, certificate: Certificate): ClientConnection | undefined {
    for (const connection of entry.connections) {
      if (connection.certificate !== certificate || connection.peer.info.notAfterUnixMs <= now()) {
        connection.drain();
      } else if (connection.hasRoom(limits.streamsMax)) {
        return connection;
      }
    }
    return undefined;
  }

  async function dial(entry: Entry, certificate: Certificate): Promise<ClientConnection> {
    const { destination, localAddress } = entry.request;
    const request: DialRequest = {
      certificate,
      address: destination.address,
      port: destination.port ?? ports.hbone,
      expectedSpiffeId: entry.destinationId,
      trustDomain: options.trustDomain,
      localAddress,
      timeoutMs: limits.dialTimeoutMs,
    };
    const dialed = await dialTls(request);
    let idle: NodeJS.Timeout | undefined;
    const connection: ClientConnection = new ClientConnection(dialed, request, {
      onClosed: () => {
        clearTimeout(idle);
        entry.connections.delete(connection);
        if (entry.connections.size === 0 && entry.dials.size === 0 && entries.get(entry.key) === entry) {
          entries.delete(entry.key);
        }
      },
      onIdle: () => {
        clearTimeout(idle);
        idle = setTimeout(() => {
          if (connection.streams === 0) {
            connection.drain();
          }
        }, limits.idleMs).unref();
      },
    });
    if (closed) {
      connection.destroy();
      throw new HboneError("closed", "the pool is closed");
    }
    entry.connections.add(connection);
    return connection;
  }

  /** A connection with a place reserved on it; `fresh` when it was dialled for this call. */
  async function acquire(
    entry: Entry,
    certificate: Certificate,
  ): Promise<{ readonly connection: ClientConnection; readonly fresh: boolean }> {
    for (;;) {
      const existing = pooled(entry, certificate);
      if (existing !== undefined) {
        existing.reserve();
        return { connection: existing, fresh: false };
      }
      let pending = [...entry.dials].find(({ waiting }) => waiting < limits.streamsMax);
      if (pending === undefined) {
        if (entry.connections.size + entry.dials.size >= limits.connectionsMax) {
          throw new HboneError("unreachable", `${entry.request.destination.address}: too many open streams`);
        }
        pending = { waiting: 0, connection: dial(entry, certificate) };
        entry.dials.add(pending);
        const started = pending;
        const done = (): void => void entry.dials.delete(started);
        pending.connection.then(done, done);
      }
      pending.waiting += 1;
      const connection = await pending.connection;
      if (connection.hasRoom(limits.streamsMax) && connection.certificate === certificate) {
        connection.reserve();
        return { connection, fresh: true };
      }
    }
  }

  async function fetchCertificate(identity: WorkloadIdentity): Promise<Certificate> {
    const id = formatSpiffeId(identity);
    try {
      return await options.certificates.fetch(identity, { signal: AbortSignal.timeout(limits.certificateTimeoutMs) });
    } catch (cause) {
      throw new HboneError("no-certificate", `no valid certificate for ${id}`, { cause });
    }
  }

  async function connect(request: TunnelRequest): Promise<Tunnel> {
    for (let attempt = 0; ; attempt += 1) {
      if (closed) {
        throw new HboneError("closed", "the pool is closed");
      }
      const certificate = options.certificates.current(request.source) ?? (await fetchCertificate(request.source));
      const { connection, fresh } = await acquire(entryOf(request), certificate);
      try {
        const stream = await connection.open(request.target, request.headers ?? {}, limits.answerTimeoutMs);
        const { tlsVersion, cipher, peer } = connection;
        return { stream, security: { tlsVersion, cipher, source: certificate, peer } };
      } catch (cause) {
        const error = dialError(cause, request.target);
        // Nothing of the caller's has been sent before the 200, so CONNECT may be repeated: a pooled connection can
        // have closed just now (idle, GOAWAY, pod restart).
        if (error.code !== "reset" || fresh || attempt >= 2) {
          throw error;
        }
        options.log.debug("pooled connection broke, dialling again", { target: request.target });
      }
    }
  }

  return {
    connect,
    connections: () =>
      [...entries.values()].flatMap((entry) =>
        [...entry.connections].map(({ tlsVersion, cipher, certificate, peer, streams }) => ({
          tlsVersion,
          cipher,
          source: certificate,
          peer,
          localAddress: entry.request.localAddress,
          address: entry.request.destination.address,
          streams,
        })),
      ),
    forget: (address) => {
      for (const [key, entry] of entries) {
        if (entry.request.destination.address === address) {
          entries.delete(key);
          drainWhere(entry, () => true);
        }
      }
    },
    close: () => {
      closed = true;
      stopRenewals();
      for (const entry of entries.values()) {
        for (const connection of entry.connections) {
          connection.destroy();
        }
      }
      entries.clear();
    },
  };
}
