/** What istiod's webhook says of a traffic policy in a DestinationRule. */
import { isIp } from "../validation/names.ts";
import { admitDuration } from "./admit-durations.ts";
import { admitLoadBalancer } from "./admit-load-balancer.ts";
import { fqdnProblem, portProblem } from "./names.ts";
import { Report } from "./report.ts";
import type {
  ClientTlsSettings,
  ConnectionPoolSettings,
  OutlierDetection,
  PortTrafficPolicy,
  TrafficPolicy,
} from "./traffic-policy.ts";

export function admitTrafficPolicy(policy: TrafficPolicy | undefined, report: Report): void {
  if (policy === undefined) {
    return;
  }
  if (Object.values(policy).every((setting) => setting === undefined)) {
    report.refuse("traffic policy must have at least one field");
    return;
  }
  const { tunnel } = policy;
  if (tunnel !== undefined && policy.proxyProtocol !== undefined) {
    report.refuse("tunnel and proxyProtocol must not be set together");
    return;
  }
  admitSettings(policy, report);
  for (const port of policy.portLevelSettings ?? []) {
    const part = new Report();
    admitPortPolicy(port, part);
    report.addErrors(part);
  }
  if (tunnel !== undefined) {
    admitTunnel(tunnel, report);
  }
}

/** What a policy and a port of it have in common. */
function admitSettings(policy: Omit<PortTrafficPolicy, "port">, report: Report): void {
  admitOutlierDetection(policy.outlierDetection, report);
  admitConnectionPool(policy.connectionPool, report);
  admitLoadBalancer(policy.loadBalancer, policy.outlierDetection !== undefined, report);
  admitTls(policy.tls, report);
}

function admitPortPolicy({ port, ...settings }: PortTrafficPolicy, report: Report): void {
  if (port === undefined) {
    report.refuse("portTrafficPolicy must have valid port");
  }
  if (Object.values(settings).every((setting) => setting === undefined)) {
    report.refuse("port traffic policy must have at least one field");
    return;
  }
  admitSettings(settings, report);
}

function admitTunnel(tunnel: NonNullable<TrafficPolicy["tunnel"]>, report: Report): void {
  const { protocol = "", targetHost, targetPort } = tunnel;
  if (!["", "CONNECT", "POST"].includes(protocol)) {
    report.refuse('tunnel protocol must be "CONNECT" or "POST"');
  }
  const problem = fqdnProblem(targetHost);
  if (problem !== undefined && !isIp(targetHost)) {
    report.refuse(`tunnel target host must be valid FQDN or IP address: ${problem}; ${targetHost} is not a valid IP`);
  }
  const port = portProblem(targetPort);
  report.refuse(port === undefined ? undefined : `tunnel target port is invalid: ${port}`);
}

const percentProblem = (value = 0) =>
  value < 0 || value > 100 ? `percentage ${value} is not in range 0..100` : undefined;

function admitOutlierDetection(settings: OutlierDetection | undefined, report: Report): void {
  if (settings === undefined) {
    return;
  }
  admitDuration(settings.baseEjectionTime, report);
  if ((settings.consecutiveErrors ?? 0) !== 0) {
    report.warn(
      "outlier detection consecutive errors is deprecated, use consecutiveGatewayErrors or consecutive5xxErrors instead",
    );
  }
  if (!settings.splitExternalLocalOriginErrors && (settings.consecutiveLocalOriginFailures ?? 0) > 0) {
    report.refuse(
      "outlier detection consecutive local origin failures is specified, but split external local origin errors is set to false",
    );
  }
  admitDuration(settings.interval, report);
  report.refuse(percentProblem(settings.maxEjectionPercent));
  report.refuse(percentProblem(settings.minHealthPercent));
}

function admitConnectionPool(settings: ConnectionPoolSettings | undefined, report: Report): void {
  if (settings === undefined) {
    return;
  }
  const { http, tcp } = settings;
  if (http === undefined && tcp === undefined) {
    report.refuse("connection pool must have at least one field");
    return;
  }
  const notNegative = (value: number | undefined, what: string) =>
    report.refuse((value ?? 0) < 0 ? `${what} must be non-negative` : undefined);
  if (http !== undefined) {
    notNegative(http.http1MaxPendingRequests, "http1 max pending requests");
    notNegative(http.http2MaxRequests, "http2 max requests");
    notNegative(http.maxRequestsPerConnection, "max requests per connection");
    notNegative(http.maxRetries, "max retries");
    admitDuration(http.idleTimeout, report);
    if (http.h2UpgradePolicy === "UPGRADE" && http.useClientProtocol) {
      report.refuse("use client protocol must not be true when H2UpgradePolicy is UPGRADE");
    }
    notNegative(http.maxConcurrentStreams, "max concurrent streams");
  }
  if (tcp !== undefined) {
    notNegative(tcp.maxConnections, "max connections");
    admitDuration(tcp.connectTimeout, report);
    admitDuration(tcp.maxConnectionDuration, report);
    admitDuration(tcp.idleTimeout, report, true);
    admitDuration(tcp.tcpKeepalive?.time, report);
    admitDuration(tcp.tcpKeepalive?.interval, report);
  }
}

function admitTls(settings: ClientTlsSettings | undefined, report: Report): void {
  if (settings === undefined) {
    return;
  }
  const { mode, caCertificates, credentialName, clientCertificate, privateKey, caCrl } = settings;
  if (settings.insecureSkipVerify) {
    const names = (settings.subjectAltNames?.length ?? 0) > 0;
    if (mode === "SIMPLE" && (caCertificates || credentialName || names)) {
      report.refuse(
        "cannot specify CaCertificates or CredentialName or SubjectAltNames when InsecureSkipVerify is set true",
      );
    }
    if (mode === "MUTUAL" && (caCertificates || names)) {
      report.refuse("cannot specify CaCertificates or SubjectAltNames when InsecureSkipVerify is set true");
    }
  }
  if ((mode === "SIMPLE" || mode === "MUTUAL") && credentialName) {
    if (clientCertificate || caCertificates || privateKey || caCrl) {
      report.refuse("cannot specify client certificates or CA certificate or CA CRL If credentialName is set");
    }
    return;
  }
  if (mode === "MUTUAL" && !clientCertificate) {
    report.refuse("client certificate required for mutual tls");
  }
  if (mode === "MUTUAL" && !privateKey) {
    report.refuse("private key required for mutual tls");
  }
}
