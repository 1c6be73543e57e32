import type { SecuredEdge } from "../api/telemetry.ts";
import type { HbonePool, PooledConnection } from "../hbone/pool.ts";
import { formatPrincipal } from "../identity/spiffe-id.ts";
import type { MeshState } from "./mesh-state.ts";

/** The mutual TLS of each edge with open connections, as the dialling side sees it; the newest handshake of each. */
export function securedEdges(pool: Pick<HbonePool, "connections">, mesh: MeshState, nowMs: number): SecuredEdge[] {
  const edges = new Map<string, SecuredEdge>();
  for (const connection of pool.connections()) {
    const edge = edgeOf(connection, mesh, nowMs);
    const key = `${edge.sourcePrincipal} ${edge.sourceWorkload} ${edge.destinationPrincipal} ${edge.destinationWorkload}`;
    const known = edges.get(key);
    edges.set(key, { ...edge, connections: (known?.connections ?? 0) + 1 });
  }
  return [...edges.values()];
}

function edgeOf({ source, peer, ...connection }: PooledConnection, mesh: MeshState, nowMs: number): SecuredEdge {
  const from = mesh.workloadByAddress(connection.localAddress ?? "");
  const to = mesh.workloadByAddress(connection.address);
  return {
    timeUnixMs: nowMs,
    sourcePrincipal: `spiffe://${formatPrincipal(source.identity)}`,
    destinationPrincipal: peer.info.spiffeId,
    sourceWorkload: from?.workloadName ?? "unknown",
    sourceNamespace: source.identity.namespace,
    destinationWorkload: to?.workloadName ?? "unknown",
    destinationNamespace: peer.identity.namespace,
    tlsVersion: connection.tlsVersion,
    cipher: connection.cipher,
    sourceCertificate: validity(source.info),
    destinationCertificate: validity(peer.info),
    connections: 1,
  };
}

const validity = ({ serial, notBeforeUnixMs, notAfterUnixMs }: PooledConnection["source"]["info"]) => ({
  serial,
  notBeforeUnixMs,
  notAfterUnixMs,
});
