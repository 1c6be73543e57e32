/**
 * What the control plane tells the proxies, as plain data. `codec.ts` maps it to and from the wire
 * (`istio.workload.Address`, `istio.security.Authorization`, `towpath.l7.v1.ProxyConfig`).
 */
import type { HttpAuthorization } from "../policy/http-model.ts";

export interface Locality {
  readonly region: string;
  readonly zone: string;
  readonly subzone: string;
}

/** One pod. Key: `uid`, which is `Kubernetes//Pod/<namespace>/<name>`. */
export interface Workload {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  /** Addresses in text form. */
  readonly addresses: readonly string[];
  /** HBONE only when capture stands (pod annotation `ambient.istio.io/redirection: enabled`), or for native proxies. */
  readonly tunnelProtocol: "NONE" | "HBONE";
  /** The workload is a proxy that speaks HBONE itself (waypoint, gateway). */
  readonly nativeTunnel: boolean;
  readonly trustDomain: string;
  readonly serviceAccount: string;
  readonly node: string;
  readonly canonicalName: string;
  readonly canonicalRevision: string;
  readonly workloadType: "DEPLOYMENT" | "CRONJOB" | "POD" | "JOB";
  readonly workloadName: string;
  /** Key `<namespace>/<hostname>`; the ports through which this workload serves that service. */
  readonly services: Readonly<Record<string, readonly ServicePort[]>>;
  /** Selector policies, as `<namespace>/<name>`; namespace and mesh policies are found by scope. */
  readonly authorizationPolicies: readonly string[];
  readonly status: "HEALTHY" | "UNHEALTHY";
  readonly clusterId: string;
  readonly locality: Locality;
}

export interface ServicePort {
  readonly servicePort: number;
  /** 0 when the port has no number that holds for all pods. */
  readonly targetPort: number;
}

/** One Service. Key: `<namespace>/<hostname>`. */
export interface MeshService {
  readonly name: string;
  readonly namespace: string;
  /** `<name>.<namespace>.svc.cluster.local` */
  readonly hostname: string;
  /** Virtual addresses (ClusterIPs) in text form. */
  readonly addresses: readonly string[];
  readonly ports: readonly ServicePort[];
}

/** Configuration of one L7 proxy. Key: `<namespace>/<gateway name>`. */
export interface ProxyConfig {
  readonly name: string;
  readonly namespace: string;
  readonly listeners: readonly L7Listener[];
}

export interface L7Listener {
  readonly name: string;
  /** As the Gateway says; the proxy binds `boundPortOf(port)` (`common/ports.ts`) on its pod's address. */
  readonly port: number;
  readonly protocol: "HTTP";
  /** Exact, or `*.suffix`; empty for any. */
  readonly hostname: string;
  readonly routes: readonly L7Route[];
  /** Policies that bind to this gateway, in evaluation order by action. */
  readonly authorizations: readonly HttpAuthorization[];
}

export interface L7Route {
  /** `<namespace>/<name>` of the HTTPRoute. */
  readonly key: string;
  /** Milliseconds since the epoch: older routes win ties (Gateway API, "HTTPRouteRule"). */
  readonly createdAtMs: number;
  readonly hostnames: readonly string[];
  readonly rules: readonly L7RouteRule[];
}

export interface L7RouteRule {
  readonly name: string;
  /** Empty: everything. ORed. */
  readonly matches: readonly L7RouteMatch[];
  readonly backends: readonly L7Backend[];
  /** 0: none. */
  readonly requestTimeoutMs: number;
}

export interface L7RouteMatch {
  readonly path: { readonly type: "Exact" | "PathPrefix" | "RegularExpression"; readonly value: string };
  /** Empty: any. */
  readonly method: string;
  readonly headers: readonly {
    readonly name: string;
    readonly type: "Exact" | "RegularExpression";
    readonly value: string;
  }[];
  readonly queryParams: readonly {
    readonly name: string;
    readonly type: "Exact" | "RegularExpression";
    readonly value: string;
  }[];
}

export interface L7Backend {
  /** `<namespace>/<hostname>` of the service; empty when the reference could not be resolved: answer 500. */
  readonly service: string;
  readonly port: number;
  readonly weight: number;
}
