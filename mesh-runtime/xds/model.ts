/**
 * What the control plane tells the proxies, as plain data. `codec.ts` maps it to and from the wire
 * (`istio.workload.Address`, `istio.security.Authorization`, `towpath.l7.v1.ProxyConfig`).
 */
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
  /** The waypoint through which calls to this pod's own address go; absent: straight to the pod. */
  readonly waypoint?: WaypointAddress | undefined;
}

/** Where a waypoint is found: its Service's name, so that all its pods share the load. */
export interface WaypointAddress {
  readonly namespace: string;
  /** `<name>.<namespace>.svc.cluster.local` */
  readonly hostname: string;
  /** HBONE port of the waypoint's Service. */
  readonly port: number;
}

/** How agents spread calls over the endpoints of a service (`istio.workload.LoadBalancing`). */
export interface ServiceLoadBalancing {
  /** FAILOVER prefers endpoints that agree with the caller in more of `scopes`; STRICT uses only those that agree in all. */
  readonly mode: "FAILOVER" | "STRICT";
  readonly scopes: readonly ("REGION" | "ZONE" | "SUBZONE" | "NODE" | "NETWORK" | "CLUSTER")[];
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
  /** The waypoint that calls to this service go through. */
  readonly waypoint?: WaypointAddress | undefined;
  /** Ingress gateways go through the waypoint too (`istio.io/ingress-use-waypoint`). */
  readonly ingressUseWaypoint?: boolean | undefined;
  readonly loadBalancing?: ServiceLoadBalancing | undefined;
}
