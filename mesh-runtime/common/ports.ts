/**
 * Ports of the mesh, the same numbers as Istio's (ztunnel ARCHITECTURE.md, istio.io "Application Requirements").
 *
 * Every pod, node and the control plane has an address of its own inside the mesh's 127.n.0.0/16 block, so the
 * numbers never collide, not even between two meshes on one machine.
 */
export const ports = {
  /** Per pod, on the pod's address: the outbound front (HTTP proxy, CONNECT, SOCKS5). */
  outbound: 15001,
  /** Per pod, on the pod's address: HBONE over mutual TLS. */
  hbone: 15008,
  /** Per node or proxy: admin, `/config_dump`. */
  admin: 15000,
  /** Per node or proxy: `/metrics` and `/stats/prometheus`. */
  metrics: 15020,
  /** Per node or proxy: `/healthz/ready`. */
  readiness: 15021,
  /** Control plane: delta xDS and the certificate API over TLS. */
  xds: 15012,
  /** Control plane: `/metrics`, `/ready`, `/debug/syncz`. */
  controlPlaneMonitoring: 15014,
} as const;

/**
 * The port that a gateway's process binds for a listener: a port below 1024 needs privileges, so it moves up by 8000
 * (80 → 8080, 443 → 8443). It is the targetPort of the gateway's Service.
 */
export const boundPortOf = (listenerPort: number): number => (listenerPort < 1024 ? listenerPort + 8000 : listenerPort);
