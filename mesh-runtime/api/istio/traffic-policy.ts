/** `TrafficPolicy` of a DestinationRule: how to talk to a host. */
import type * as z from "zod";
import { bool, double, int32, list, nullable, oneOf, str, struct, uint32 } from "../schema/builders.ts";
import { duration } from "./duration.ts";
import { loadBalancer } from "./load-balancer.ts";
import { portSelector } from "./string-match.ts";

const connectionPool = struct(
  "v1alpha3.ConnectionPoolSettings",
  {},
  {
    tcp: struct(
      "v1alpha3.ConnectionPoolSettings_TCPSettings",
      {},
      {
        maxConnections: int32().describe("Connections to the host."),
        connectTimeout: duration().describe("To open a connection; 10s by default."),
        tcpKeepalive: struct(
          "v1alpha3.ConnectionPoolSettings_TCPSettings_TcpKeepalive",
          {},
          { probes: uint32(), time: duration(), interval: duration() },
        ).describe("Probes of silent connections."),
        maxConnectionDuration: duration().describe("After which a connection is closed."),
        idleTimeout: str().describe("Silence after which a connection is closed; 1h by default, 0s is never."),
      },
    ).describe("For HTTP and TCP."),
    http: struct(
      "v1alpha3.ConnectionPoolSettings_HTTPSettings",
      {},
      {
        http1MaxPendingRequests: int32().describe("Requests that wait for a connection."),
        http2MaxRequests: int32().describe("Requests under way, whatever the version of HTTP."),
        maxRequestsPerConnection: int32().describe("After which a connection is closed; 1 turns keep-alive off."),
        maxRetries: int32().describe("Retries under way."),
        idleTimeout: duration().describe("Time without a request after which a connection is closed."),
        h2UpgradePolicy: oneOf(["DEFAULT", "DO_NOT_UPGRADE", "UPGRADE"]).describe(
          "Whether HTTP/1.1 becomes HTTP/2 on the way.",
        ),
        useClientProtocol: bool().describe("Keeps the caller's version of HTTP."),
        maxConcurrentStreams: int32().describe("Streams of one HTTP/2 connection."),
      },
    ).describe("For HTTP."),
  },
);

const outlierDetection = struct(
  "v1alpha3.OutlierDetection",
  {},
  {
    splitExternalLocalOriginErrors: bool().describe("Counts failures to connect apart from answers."),
    consecutiveLocalOriginFailures: nullable(uint32()).describe("Failures to connect in a row."),
    consecutiveGatewayErrors: nullable(uint32()).describe("Answers 502, 503, 504 in a row; 0 turns it off."),
    consecutive5xxErrors: nullable(uint32()).describe("Answers 5xx in a row; 5 by default, 0 turns it off."),
    consecutiveErrors: int32().describe("Deprecated."),
    interval: duration().describe("Between two looks; 10s by default."),
    baseEjectionTime: duration().describe("Times the number of ejections so far; 30s by default."),
    maxEjectionPercent: int32().describe("Share of endpoints that may be out at once; 10 by default."),
    minHealthPercent: int32().describe("Share of healthy endpoints below which ejection is ignored."),
  },
);

const clientTls = struct(
  "v1alpha3.ClientTLSSettings",
  {},
  {
    mode: oneOf(["DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL"]),
    clientCertificate: str(),
    privateKey: str(),
    caCertificates: str(),
    caCrl: str(),
    credentialName: str(),
    subjectAltNames: list(str()),
    sni: str(),
    insecureSkipVerify: nullable(bool()),
  },
);

const portPolicyFields = {
  connectionPool: connectionPool.describe("Limits of connections and requests."),
  loadBalancer: loadBalancer.describe("How endpoints are chosen."),
  outlierDetection: outlierDetection.describe("Which endpoints are left out for a while."),
  tls: clientTls.describe("TLS towards the host."),
};

const portTrafficPolicy = struct(
  "v1alpha3.TrafficPolicy_PortTrafficPolicy",
  {},
  { port: portSelector.describe("The port of the service that this is for."), ...portPolicyFields },
);

export const trafficPolicy = struct(
  "v1alpha3.TrafficPolicy",
  {},
  {
    ...portPolicyFields,
    portLevelSettings: list(portTrafficPolicy, { maxItems: 4096 }).describe("In place of the settings above, by port."),
    tunnel: struct(
      "v1alpha3.TrafficPolicy_TunnelSettings",
      { targetHost: str(), targetPort: uint32() },
      { protocol: str() },
    ).describe("Tunnels TCP through HTTP CONNECT."),
    proxyProtocol: struct("v1alpha3.TrafficPolicy_ProxyProtocol", {}, { version: oneOf(["V1", "V2"]) }),
    retryBudget: struct(
      "v1alpha3.TrafficPolicy_RetryBudget",
      {},
      {
        percent: nullable(double({ minimum: 0, maximum: 100 })).describe(
          "Retries as a share of requests under way; 20 by default.",
        ),
        minRetryConcurrency: uint32().describe("Retries that are always allowed; 3 by default."),
      },
    ).describe("Limits retries by the load."),
  },
);

export type TrafficPolicy = z.infer<typeof trafficPolicy>;
export type PortTrafficPolicy = z.infer<typeof portTrafficPolicy>;
export type ConnectionPoolSettings = z.infer<typeof connectionPool>;
export type OutlierDetection = z.infer<typeof outlierDetection>;
export type ClientTlsSettings = z.infer<typeof clientTls>;
