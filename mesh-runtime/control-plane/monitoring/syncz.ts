import type { Snapshot } from "../snapshot/snapshot.ts";
import type { DeltaType } from "../xds-server/delta-type.ts";
import type { ProxyStream } from "../xds-server/proxy-stream.ts";

export type SyncState = "SYNCED" | "STALE" | "NOT SENT";

/** One proxy's state of one resource type. */
export interface TypeSync {
  readonly state: SyncState;
  /** Snapshot revisions: the last that brought this proxy something of the type, and the last it took as a whole. */
  readonly sentRevision: number;
  readonly ackedRevision: number;
  /** Resources that the proxy has been sent, and those it has confirmed in their newest version. */
  readonly sent: number;
  readonly acked: number;
  readonly outstanding: number;
  readonly rejected: readonly { readonly name: string; readonly version: string; readonly error: string }[];
}

/** What `/debug/syncz` answers: every proxy with its types, as `istioctl proxy-status` reads. */
export function syncz(streams: readonly ProxyStream[], snapshot: Snapshot | undefined) {
  return {
    revision: snapshot?.revision ?? 0,
    changedAt: snapshot === undefined ? null : new Date(snapshot.changedAtMs).toISOString(),
    proxies: streams.map((stream) => ({
      proxy: stream.nodeId,
      identity: `${stream.caller.namespace}/${stream.caller.serviceAccount}`,
      node: stream.caller.node ?? null,
      connectedAt: new Date(stream.connectedAtMs).toISOString(),
      types: Object.fromEntries([...stream.types].map(([typeUrl, type]) => [typeUrl, typeSync(type)])),
    })),
  };
}

function typeSync(type: DeltaType): TypeSync {
  const acked = [...type.sent].filter(([name, version]) => type.acked.get(name) === version).length;
  const settled = type.outstanding.size === 0 && acked === type.sent.size;
  return {
    state: settled ? "SYNCED" : type.sent.size === 0 && type.outstanding.size === 0 ? "NOT SENT" : "STALE",
    sentRevision: type.sentRevision,
    ackedRevision: type.ackedRevision,
    sent: type.sent.size,
    acked,
    outstanding: type.outstanding.size,
    rejected: [...type.rejected].map(([name, { version, error }]) => ({ name, version, error })),
  };
}
