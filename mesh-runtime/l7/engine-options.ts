import type { Log } from "../common/log.ts";
import type { HbonePool } from "../hbone/pool.ts";
import type { Http1Limits } from "../http1/index.ts";
import type { WorkloadIdentity } from "../identity/spiffe-id.ts";
import type { Locality } from "../xds/model.ts";
import type { OnCopy, OnExchange, OnTunnel } from "./exchange-outcome.ts";
import type { MeshView } from "./mesh-view.ts";
import type { Dial } from "./pool/dial-upstream.ts";
import type { ClientTimeouts } from "./wire/connection.ts";

export interface EngineOptions {
  readonly view: MeshView;
  readonly hbone: Pick<HbonePool, "connect">;
  /** This proxy's identity and address. */
  readonly identity: WorkloadIdentity;
  readonly localAddress: string;
  /** Where this proxy is, until its own pod is known to the view. */
  readonly locality: Locality;
  readonly onExchange: OnExchange;
  readonly onTunnel: OnTunnel;
  readonly onCopy?: OnCopy;
  /** A token names a key that its issuer's set lacks; told often, on the path of requests. */
  readonly onUnknownKey?: ((issuer: string) => void) | undefined;
  /** For defects alone; nothing is logged on the path of a request. */
  readonly log: Log;
  readonly timeouts?: Partial<ClientTimeouts>;
  readonly http1Limits?: Partial<Http1Limits>;
  /** Streams that are served at once (default 20,000); more are refused. */
  readonly connectionsMax?: number;
  /** Bytes that may wait in memory for slow callers and servers, of all streams (default 128 MiB). */
  readonly heldBytesMax?: number;
  /** In place of HBONE and TCP, e.g. in tests. */
  readonly dial?: Dial;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** From 0 to below 1. */
  readonly random?: () => number;
}

export const connectionsMaxDefault = 20_000;
export const heldBytesMaxDefault = 128 << 20;

/** Without a byte in either direction, where nothing else is said: five minutes at the edge, an hour inside. */
export const streamIdleMs = { gateway: 300_000, waypoint: 3_600_000 } as const;
