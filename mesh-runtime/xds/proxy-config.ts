/**
 * Configuration of one L7 proxy (waypoint or ingress gateway) as plain data: what `towpath.l7.v1.ProxyConfig` carries.
 * The control plane has resolved everything: references, defaults, order. A proxy looks up clusters by key and endpoints
 * by service; it never reads a Kubernetes resource. Times are milliseconds; 0 means "none" unless said otherwise.
 */
import type { HttpAuthorization } from "../policy/http-model.ts";
import type { PathNormalization } from "../policy/path-normalization.ts";
import type { L7Cluster, L7Protocol } from "./l7-cluster.ts";

export type {
  L7Cluster,
  L7Limits,
  L7LoadBalancing,
  L7Locality,
  L7OutlierDetection,
  L7Outside,
  L7Protocol,
} from "./l7-cluster.ts";

/** Key: `<namespace>/<gateway name>`. */
export interface ProxyConfig {
  readonly name: string;
  readonly namespace: string;
  readonly kind: "gateway" | "waypoint";
  /** Of a gateway: the ports it binds. Empty for a waypoint. */
  readonly listeners: readonly L7Listener[];
  /** Of a waypoint: the services whose calls come through it. Empty for a gateway. */
  readonly services: readonly L7Service[];
  /** Of a waypoint: pods that are called by their own address through it (`istio.io/waypoint-for: workload|all`). */
  readonly workloads: readonly L7WorkloadTarget[];
  /** Every cluster that a route, a default route or a mirror may reach. */
  readonly clusters: readonly L7Cluster[];
  /** External authorizers by the name of their MeshConfig provider. */
  readonly authorizers: readonly L7Authorizer[];
  /** TLS certificates of a gateway, by `<namespace>/<secret>`. Waypoints get none. */
  readonly certificates: readonly L7Certificate[];
  readonly telemetry: L7Telemetry;
  readonly pathNormalization: PathNormalization;
  /**
   * Of a waypoint that says whose call it is by `x-forwarded-client-cert`: its own SPIFFE ID. Empty: it does not, and takes
   * the header away.
   */
  readonly tellsCallersAs: string;
}

/** Policies in front of a listener or service, in the order they act (see the README of `mesh-runtime/l7`). */
export interface L7Policies {
  readonly authorizations: readonly HttpAuthorization[];
  readonly jwtRules: readonly L7JwtRule[];
  readonly rateLimits: readonly L7RateLimit[];
}

/** One listener of a gateway. Listeners of one port differ by `hostname`. */
export interface L7Listener extends L7Policies {
  readonly name: string;
  /** As the Gateway says; the proxy binds `boundPortOf(port)` (`common/ports.ts`) on its pod's address. */
  readonly port: number;
  readonly protocol: "HTTP" | "HTTPS";
  /** Exact, or `*.suffix`; empty for any. With HTTPS it is the SNI that the listener answers to. */
  readonly hostname: string;
  /** HTTPS only: keys into `ProxyConfig.certificates`; the first that fits the SNI is shown. */
  readonly certificates: readonly string[];
  readonly routes: readonly L7Route[];
}

/** A service behind a waypoint. */
export interface L7Service extends L7Policies {
  /** `<namespace>/<hostname>` */
  readonly service: string;
  /** ClusterIPs, as callers may name it. */
  readonly addresses: readonly string[];
  readonly ports: readonly L7ServicePort[];
}

export interface L7ServicePort {
  readonly port: number;
  readonly protocol: L7Protocol;
  /**
   * In order of precedence is not required: the proxy sorts by Gateway API's rules; routes of a VirtualService have
   * `ordered` set and keep theirs. Without any route: everything goes to `cluster` with `defaultRetry`.
   */
  readonly routes: readonly L7Route[];
  /** Key of the cluster of the service itself. */
  readonly cluster: string;
  readonly defaultRetry: L7RetryPolicy;
}

/** A pod that is called by its own address. */
export interface L7WorkloadTarget extends L7Policies {
  /** Uid of the workload. */
  readonly workload: string;
  readonly addresses: readonly string[];
}

export interface L7Route {
  /** `<kind>/<namespace>/<name>`, kind `HTTPRoute`, `GRPCRoute` or `VirtualService`. */
  readonly key: string;
  /** Milliseconds since the epoch: older routes win ties (Gateway API, "HTTPRouteRule"). */
  readonly createdAtMs: number;
  /** Rules are tried as written (VirtualService), not by specificity. */
  readonly ordered: boolean;
  /** Empty: all. Ignored at waypoints. */
  readonly hostnames: readonly string[];
  readonly rules: readonly L7RouteRule[];
}

export interface L7RouteRule {
  /** Empty when unnamed. */
  readonly name: string;
  /** Empty: everything. ORed. */
  readonly matches: readonly L7RouteMatch[];
  /** In order. */
  readonly filters: readonly L7Filter[];
  /** Chosen by weight; empty with a redirect or direct response; empty without one, or all weights 0: answer 500. */
  readonly backends: readonly L7Backend[];
  readonly timeouts: L7Timeouts;
  /** Absent: the engine's default for routes (connection errors twice, see `l7/upstream/retry-policy.ts`). */
  readonly retry: L7RetryPolicy | undefined;
  readonly fault: L7Fault | undefined;
}

export interface L7StringMatch {
  readonly type: "Exact" | "Prefix" | "Suffix" | "RegularExpression" | "Present";
  readonly value: string;
  readonly ignoreCase: boolean;
}

export interface L7NamedMatch extends L7StringMatch {
  readonly name: string;
  /** The match holds when this does not (VirtualService `withoutHeaders`). */
  readonly negated: boolean;
}

export interface L7RouteMatch {
  /** `PathPrefix` is by whole segments (Gateway API); `Prefix` is by characters (VirtualService). */
  readonly path: {
    readonly type: "Exact" | "PathPrefix" | "Prefix" | "RegularExpression";
    readonly value: string;
    readonly ignoreCase: boolean;
  };
  /** Absent: any. */
  readonly method: L7StringMatch | undefined;
  readonly headers: readonly L7NamedMatch[];
  readonly queryParams: readonly L7NamedMatch[];
  /** VirtualService only. Absent: any. */
  readonly authority: L7StringMatch | undefined;
  readonly scheme: L7StringMatch | undefined;
  /** VirtualService: port of the destination that was called; 0: any. */
  readonly port: number;
  /** VirtualService `sourceNamespace`; empty: any. */
  readonly sourceNamespace: string;
}

export interface L7HeaderEdit {
  readonly set: readonly L7HeaderValue[];
  readonly add: readonly L7HeaderValue[];
  /** Names. */
  readonly remove: readonly string[];
}

export interface L7HeaderValue {
  readonly name: string;
  readonly value: string;
}

export type L7PathEdit =
  | { readonly kind: "full"; readonly path: string }
  /** Replaces what the matched prefix covers. */
  | { readonly kind: "prefix"; readonly path: string }
  | { readonly kind: "regex"; readonly pattern: string; readonly substitution: string };

export type L7Filter =
  | { readonly kind: "requestHeaders"; readonly edit: L7HeaderEdit }
  | { readonly kind: "responseHeaders"; readonly edit: L7HeaderEdit }
  | {
      readonly kind: "redirect";
      /** Empty: as the request. */
      readonly scheme: string;
      readonly hostname: string;
      /** 0: by scheme and listener (Gateway API, HTTPRequestRedirectFilter). */
      readonly port: number;
      readonly path: L7PathEdit | undefined;
      readonly status: number;
    }
  | {
      readonly kind: "rewrite";
      /** Empty: kept. */
      readonly hostname: string;
      readonly path: L7PathEdit | undefined;
    }
  | {
      readonly kind: "mirror";
      readonly cluster: string;
      /** Share of requests, from 0 to 1. */
      readonly fraction: number;
    }
  | { readonly kind: "cors"; readonly cors: L7Cors }
  | { readonly kind: "directResponse"; readonly status: number; readonly body: string };

export interface L7Cors {
  /** `*`, or origins, or with a leading `*` in the host part. */
  readonly allowOrigins: readonly L7StringMatch[];
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  /** Seconds. */
  readonly maxAge: number;
  readonly allowCredentials: boolean;
}

export interface L7Backend {
  /** Key of a cluster; empty when the reference could not be resolved: answer 500. */
  readonly cluster: string;
  readonly weight: number;
  /** Only `requestHeaders`, `responseHeaders`, `rewrite`. */
  readonly filters: readonly L7Filter[];
}

export interface L7Timeouts {
  /** Whole request with retries. 0: none. */
  readonly requestMs: number;
  /** One try. */
  readonly perTryMs: number;
  /** Without a byte in either direction. 0: the engine's default (one hour at waypoints, five minutes at gateways). */
  readonly idleMs: number;
}

/** Conditions of a retry, named as Envoy's `retry_on`. */
export type L7RetryOn =
  | "connect-failure"
  | "refused-stream"
  | "reset"
  | "reset-before-request"
  | "5xx"
  | "gateway-error"
  | "retriable-4xx"
  | "retriable-status-codes"
  | "cancelled"
  | "deadline-exceeded"
  | "internal"
  | "resource-exhausted"
  | "unavailable";

export interface L7RetryPolicy {
  /** Tries after the first; 0 is none. */
  readonly attempts: number;
  readonly on: readonly L7RetryOn[];
  readonly statusCodes: readonly number[];
  /** Least wait between tries; the most is ten times as long. */
  readonly backoffBaseMs: number;
  /** Also for requests whose method is not idempotent (an explicit retry says so; the defaults do only before the request was sent). */
  readonly unsafeMethods: boolean;
}

export interface L7Fault {
  readonly delay: { readonly fraction: number; readonly ms: number } | undefined;
  readonly abort: { readonly fraction: number; readonly httpStatus: number; readonly grpcStatus: number } | undefined;
}

/** A token issuer that is trusted in front of a service (RequestAuthentication). */
export interface L7JwtRule {
  /** `<namespace>/<name>` of the RequestAuthentication. */
  readonly policy: string;
  readonly issuer: string;
  /** Empty: any. */
  readonly audiences: readonly string[];
  /** JSON Web Key Set as text, fetched by the control plane; empty: no key is known, every token of the issuer is refused. */
  readonly jwks: string;
  readonly fromHeaders: readonly { readonly name: string; readonly prefix: string }[];
  readonly fromParams: readonly string[];
  readonly fromCookies: readonly string[];
  readonly forwardOriginalToken: boolean;
  /** Empty: none. */
  readonly outputPayloadToHeader: string;
  readonly outputClaimToHeaders: readonly { readonly header: string; readonly claim: string }[];
}

/** Limits of one RateLimitPolicy. */
export interface L7RateLimit {
  /** `<namespace>/<name>` */
  readonly policy: string;
  readonly limits: readonly {
    readonly name: string;
    readonly requests: number;
    readonly periodMs: number;
    /** Requests at once; at least 1. */
    readonly burst: number;
    readonly per: "Total" | "Identity" | "Header";
    /** Lower case; `Header` only. Requests without it share one bucket. */
    readonly header: string;
    /** Only requests that match one of these; empty: all. */
    readonly matches: readonly L7RouteMatch[];
    /** Other rates for single identities (`<namespace>/<service account>`) or header values. */
    readonly overrides: readonly { readonly value: string; readonly requests: number; readonly burst: number }[];
  }[];
}

/** An external authorizer (`extensionProviders` of MeshConfig). */
export interface L7Authorizer {
  readonly name: string;
  readonly kind: "http" | "grpc";
  /** Key of its cluster; empty when it is unknown: matched requests are denied. */
  readonly cluster: string;
  /** Host header of the check. */
  readonly authority: string;
  readonly timeoutMs: number;
  readonly failOpen: boolean;
  /** Status when it cannot be reached. */
  readonly statusOnError: number;
  /** HTTP: put in front of the path. */
  readonly pathPrefix: string;
  readonly includeRequestHeaders: readonly string[];
  readonly includeAdditionalHeaders: readonly L7HeaderValue[];
  readonly headersToUpstreamOnAllow: readonly string[];
  readonly headersToDownstreamOnAllow: readonly string[];
  readonly headersToDownstreamOnDeny: readonly string[];
  /** 0: the body is not sent along. */
  readonly maxRequestBytes: number;
  readonly allowPartialMessage: boolean;
}

export interface L7Certificate {
  /** `<namespace>/<secret>` */
  readonly key: string;
  /** PEM. */
  readonly chain: string;
  /** PEM. Never logged, never dumped. */
  readonly privateKey: string;
}

export interface L7Telemetry {
  readonly accessLog: L7AccessLog;
  readonly tracing: { readonly enabled: boolean /** 0 to 1. */; readonly sampling: number };
  /** Exceptions for single services, by `<namespace>/<hostname>`. */
  readonly byService: readonly {
    readonly service: string;
    readonly accessLog: L7AccessLog;
    readonly tracing: { readonly enabled: boolean; readonly sampling: number };
  }[];
}

export interface L7AccessLog {
  readonly enabled: boolean;
  /** Only answers with at least this status; 0: all. (The one CEL form understood: `response.code >= N`.) */
  readonly minStatus: number;
}
