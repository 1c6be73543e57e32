import * as z from "zod";
import { enrolment, unixMs } from "./names.ts";
import { certificate } from "./traffic.ts";

/** `stale`: connected, but no push or no configuration lately; `rejecting`: its last good version is in force. */
export const proxyState = z.enum(["in-sync", "rejecting", "stale", "disconnected"]);
export type ProxyState = z.infer<typeof proxyState>;

export const proxySummary = z.strictObject({
  /** `ztunnel~<node>` or `<pod>.<namespace>`. */
  name: z.string(),
  kind: z.enum(["agent", "waypoint", "gateway"]),
  node: z.string(),
  version: z.string(),
  state: proxyState,
  /** One line when not in sync. */
  stateText: z.string(),
  startedUnixMs: unixMs,
  lastSeenUnixMs: unixMs,
  lastAppliedUnixMs: unixMs,
  workloads: z.int(),
  services: z.int(),
  authorizations: z.int(),
  rejected: z.array(z.strictObject({ type: z.string(), name: z.string(), reason: z.string() })),
  certificates: z.array(certificate),
  openConnections: z.int(),
  residentBytes: z.int(),
});
export type ProxySummary = z.infer<typeof proxySummary>;

/** `GET /api/v1/mesh` */
export const meshState = z.strictObject({
  target: z.enum(["embedded", "kubernetes"]),
  trustDomain: z.string(),
  controlPlane: z.strictObject({
    state: z.enum(["connected", "unreachable", "unknown"]),
    text: z.string(),
    kubernetesVersion: z.string(),
    apiConnected: z.boolean(),
  }),
  nodes: z.array(
    z.strictObject({
      name: z.string(),
      ready: z.boolean(),
      readyText: z.string(),
      region: z.string(),
      zone: z.string(),
      address: z.string(),
      pods: z.int(),
      version: z.string(),
    }),
  ),
  proxies: z.array(proxySummary),
  namespaces: z.array(
    z.strictObject({
      name: z.string(),
      team: z.string(),
      enrolment,
      /** Pods of gateways and waypoints: they speak for the mesh themselves and are not captured. */
      proxies: z.int(),
      mtlsRequired: z.boolean(),
      lockedDown: z.boolean(),
    }),
  ),
  /** Ingress gateways and waypoints. */
  gateways: z.array(
    z.strictObject({
      kind: z.enum(["gateway", "waypoint"]),
      pods: z.int(),
      readyPods: z.int(),
      /** What a waypoint stands in front of. */
      serves: z.array(
        z.strictObject({
          namespace: z.string(),
          name: z.string(),
          /** `guarded`: only the waypoint reaches its pods; `open`: calls can pass the waypoint by; `unknown`: not said. */
          way: z.enum(["guarded", "open", "unknown"]),
          text: z.string(),
        }),
      ),
      /** Services that ask for it and are not bound, with the control plane's reason. */
      refused: z.array(z.strictObject({ namespace: z.string(), name: z.string(), text: z.string() })),
      /** Pods that it sends nothing to now, since they failed. */
      ejected: z.array(z.strictObject({ pod: z.string(), untilUnixMs: unixMs, reason: z.string() })),
      namespace: z.string(),
      name: z.string(),
      className: z.string(),
      programmed: z.boolean(),
      text: z.string(),
      addresses: z.array(z.string()),
      hosts: z.array(z.string()),
    }),
  ),
  /** Ending first. */
  certificates: z.array(certificate.extend({ proxy: z.string() })),
  /** When the portal last heard from any proxy. */
  newestUnixMs: unixMs,
});
export type MeshState = z.infer<typeof meshState>;
