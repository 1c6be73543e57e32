import type { SecuredEdge } from "../api/telemetry.ts";
import type { PooledConnection } from "../hbone/pool.ts";
import type { InboundConnection } from "../hbone/server.ts";
import type { CertificateInfo } from "../identity/peer-certificate.ts";
import type { MeshView } from "../l7/mesh-view.ts";
import type { ProxySettings } from "./config.ts";

const unknown = "unknown";

interface Side {
  readonly certificate: CertificateInfo;
  readonly workload: string;
  readonly namespace: string;
}

/** The mutual TLS of every edge that ends here: connections to upstreams, and callers' connections to a waypoint. */
export function securedEdges(
  settings: ProxySettings,
  view: MeshView,
  upstream: readonly PooledConnection[],
  callers: Iterable<InboundConnection>,
  nowUnixMs: number,
): SecuredEdge[] {
  const edges = new Map<string, SecuredEdge>();
  const own = { workload: settings.workloadName, namespace: settings.namespace };
  const add = (source: Side, destination: Side, tlsVersion: string, cipher: string): void => {
    const key = `${source.certificate.spiffeId} ${source.workload} ${destination.certificate.spiffeId} ${destination.workload}`;
    edges.set(key, {
      timeUnixMs: nowUnixMs,
      sourcePrincipal: source.certificate.spiffeId,
      destinationPrincipal: destination.certificate.spiffeId,
      sourceWorkload: source.workload,
      sourceNamespace: source.namespace,
      destinationWorkload: destination.workload,
      destinationNamespace: destination.namespace,
      tlsVersion,
      cipher,
      sourceCertificate: validity(source.certificate),
      destinationCertificate: validity(destination.certificate),
      connections: (edges.get(key)?.connections ?? 0) + 1,
    });
  };
  const at = (address: string, certificate: CertificateInfo, namespace: string): Side => ({
    certificate,
    workload: view.workloadAt(address)?.workloadName ?? unknown,
    namespace,
  });
  for (const { source, peer, address, tlsVersion, cipher } of upstream) {
    const destination = at(address, peer.info, peer.identity.namespace);
    add({ certificate: source.info, ...own }, destination, tlsVersion, cipher);
  }
  for (const { peer, remoteAddress, ours, tlsVersion, cipher } of callers) {
    const source = at(remoteAddress, peer.info, peer.identity.namespace);
    add(source, { certificate: ours, ...own }, tlsVersion, cipher);
  }
  return [...edges.values()];
}

const validity = ({ serial, notBeforeUnixMs, notAfterUnixMs }: CertificateInfo) => ({
  serial,
  notBeforeUnixMs,
  notAfterUnixMs,
});
