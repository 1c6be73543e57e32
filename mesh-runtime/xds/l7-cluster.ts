/** Clusters of `ProxyConfig`: the endpoints of a service's port, and how they are used. */

/** What is spoken at a port. AUTO: told from the first bytes. */
export type L7Protocol = "HTTP" | "HTTP2" | "GRPC" | "TCP" | "AUTO";

/** Endpoints of one port of a service, or a subset of them, and how to use them. */
export interface L7Cluster {
  /** `<namespace>/<hostname>|<port>|<subset>`, subset often empty. */
  readonly key: string;
  /** `<namespace>/<hostname>`; empty for a workload of its own. */
  readonly service: string;
  readonly port: number;
  readonly subset: string;
  /** Uids of the workloads in the subset; absent: all of the service's. */
  readonly members: readonly string[] | undefined;
  /** AUTO: as the caller speaks. */
  readonly protocol: L7Protocol;
  readonly loadBalancing: L7LoadBalancing;
  readonly limits: L7Limits;
  readonly outlierDetection: L7OutlierDetection | undefined;
  readonly retryBudget: { readonly percent: number; readonly minConcurrency: number } | undefined;
  /** Where the DestinationRule (or default) behind these settings stands, `<namespace>/<name>`, for explanations. */
  readonly origin: string;
  /** Present: endpoints outside of the mesh, and no others. */
  readonly outside?: L7Outside | undefined;
}

/** Endpoints outside of the mesh. */
export interface L7Outside {
  /**
   * `host` is an address, which may be any, or a name that the proxy resolves: then addresses of private networks, of
   * the link and of this machine are refused.
   */
  readonly endpoints: readonly { readonly host: string; readonly port: number }[];
}

export interface L7LoadBalancing {
  readonly policy: "LEAST_REQUEST" | "ROUND_ROBIN" | "RANDOM" | "CONSISTENT_HASH";
  /** CONSISTENT_HASH only. */
  readonly hashBy:
    | { readonly kind: "header"; readonly name: string }
    | {
        readonly kind: "cookie";
        readonly name: string;
        readonly path: string;
        /** Of a cookie that is handed out where it is missing; 0: until the session ends; absent: none is handed out. */
        readonly ttlMs: number | undefined;
      }
    | { readonly kind: "queryParameter"; readonly name: string }
    | { readonly kind: "sourceIp" }
    | undefined;
  /** A new endpoint's share grows over this time. */
  readonly warmupMs: number;
  readonly locality: L7Locality;
}

/** Which localities are preferred. The proxy's own locality is "home". */
export type L7Locality =
  | { readonly kind: "none" }
  /** Same zone, then same region, then the rest; `order` lists regions to fail over to first. */
  | { readonly kind: "failover"; readonly regions: readonly { readonly from: string; readonly to: string }[] }
  /** Shares by home locality; patterns are `region`, `region/zone`, `region/zone/subzone`, each may end in `*`. Nothing else is ever used. */
  | {
      readonly kind: "distribute";
      readonly shares: readonly {
        readonly from: string;
        readonly to: readonly { readonly locality: string; readonly weight: number }[];
      }[];
    }
  /** Labels or topology keys that must agree, most important first (`failoverPriority`, `trafficDistribution`). */
  | {
      readonly kind: "scopes";
      readonly scopes: readonly ("REGION" | "ZONE" | "SUBZONE" | "NODE")[];
      readonly strict: boolean;
    };

/** Circuit breaking. 0: unlimited. */
export interface L7Limits {
  readonly maxConnections: number;
  readonly connectTimeoutMs: number;
  /** Requests that wait for a connection. */
  readonly maxPendingRequests: number;
  readonly maxRequests: number;
  readonly maxRetries: number;
  readonly maxRequestsPerConnection: number;
  readonly idleTimeoutMs: number;
}

export interface L7OutlierDetection {
  /** 0: off. */
  readonly consecutive5xx: number;
  readonly consecutiveGatewayErrors: number;
  readonly intervalMs: number;
  readonly baseEjectionMs: number;
  readonly maxEjectionPercent: number;
  /** Below this share of healthy endpoints all are used; 0: never. */
  readonly panicPercent: number;
}
