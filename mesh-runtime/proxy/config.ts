import { isIPv4 } from "node:net";

/** Everything a proxy pod is told, from the environment that the node runner gives it. */
export interface ProxySettings {
  readonly podName: string;
  readonly namespace: string;
  readonly podIp: string;
  readonly node: string;
  readonly serviceAccount: string;
  /** Name of the Gateway that the pod belongs to. */
  readonly gateway: string;
  readonly workloadName: string;
  readonly app: string;
  readonly version: string;
  readonly xdsAddress: string;
  readonly xdsRootFile: string;
  readonly tokenFile: string;
  readonly telemetryEndpoint: string;
  readonly telemetryTokenFile: string;
  readonly trustDomain: string;
  readonly clusterId: string;
  readonly region: string;
  readonly zone: string;
  /** Addresses of this machine by container port. */
  readonly hostPorts: ReadonlyMap<number, { readonly hostIP: string; readonly hostPort: number }>;
  /** Form of the access log, where a Telemetry resource turns it on. */
  readonly accessLogEncoding: "TEXT" | "JSON";
  /** Threads beside the main one that may be started under load; 0: none, more than 1 is 1. */
  readonly workersMax: number;
}

/** A variable is missing or makes no sense; `message` names it. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  readonly code = "invalid-settings";
}

const nameMax = 253;
const hostPortsMax = 16_384;

/** Reads the configuration. Throws a SettingsError. (Written by hand: a schema library costs each proxy megabytes.) */
export function readConfig(env: NodeJS.ProcessEnv = process.env): ProxySettings {
  const fail = (name: string, problem: string): never => {
    throw new SettingsError(`${name} ${problem}`);
  };
  const text = (name: string, fallback?: string): string => {
    const value = env[name];
    if (value === undefined || value === "") {
      return fallback ?? fail(name, "is missing");
    }
    return value.length <= 4_096 ? value : fail(name, "is too long");
  };
  const label = (name: string, fallback?: string): string => {
    const value = text(name, fallback);
    return value.length <= nameMax ? value : fail(name, "is too long");
  };
  const podIp = text("POD_IP");
  const telemetryEndpoint = text("TOWPATH_TELEMETRY_ENDPOINT");
  const encoding = text("TOWPATH_ACCESS_LOG_ENCODING", "TEXT");
  const workersMax = Number(text("TOWPATH_WORKERS_MAX", "1"));
  return {
    podName: label("POD_NAME"),
    namespace: label("POD_NAMESPACE"),
    podIp: isIPv4(podIp) ? podIp : fail("POD_IP", "is no IPv4 address"),
    node: label("NODE_NAME"),
    serviceAccount: label("SERVICE_ACCOUNT"),
    gateway: label("GATEWAY_NAME"),
    workloadName: label("WORKLOAD_NAME"),
    app: label("APP_LABEL", ""),
    version: label("VERSION_LABEL", ""),
    xdsAddress: label("TOWPATH_XDS_ADDRESS"),
    xdsRootFile: text("TOWPATH_XDS_ROOT"),
    tokenFile: text("TOWPATH_TOKEN_FILE"),
    telemetryEndpoint: URL.canParse(telemetryEndpoint)
      ? telemetryEndpoint
      : fail("TOWPATH_TELEMETRY_ENDPOINT", "is no URL"),
    telemetryTokenFile: text("TOWPATH_TELEMETRY_TOKEN_FILE"),
    trustDomain: label("TOWPATH_TRUST_DOMAIN", "cluster.local"),
    clusterId: label("TOWPATH_CLUSTER_ID", "Kubernetes"),
    region: label("TOWPATH_REGION", ""),
    zone: label("TOWPATH_ZONE", ""),
    hostPorts: readHostPorts(env["TOWPATH_HOST_PORTS"] ?? "{}", (problem) => fail("TOWPATH_HOST_PORTS", problem)),
    accessLogEncoding:
      encoding === "TEXT" || encoding === "JSON" ? encoding : fail("TOWPATH_ACCESS_LOG_ENCODING", "is TEXT or JSON"),
    workersMax:
      Number.isInteger(workersMax) && workersMax >= 0 && workersMax <= 16
        ? workersMax
        : fail("TOWPATH_WORKERS_MAX", "is a number from 0 to 16"),
  };
}

const isPort = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 65_535;

/** `{"<container port>": {"hostIP": "…", "hostPort": n}}` */
function readHostPorts(json: string, fail: (problem: string) => never): ProxySettings["hostPorts"] {
  let parsed: unknown;
  try {
    parsed = json.length > hostPortsMax ? undefined : JSON.parse(json);
  } catch {
    return fail("is no JSON");
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    return fail("is no JSON object");
  }
  const ports = new Map<number, { hostIP: string; hostPort: number }>();
  for (const [key, value] of Object.entries(parsed as Record<string, unknown>)) {
    const { hostIP, hostPort } = (value ?? {}) as { readonly hostIP?: unknown; readonly hostPort?: unknown };
    if (
      !/^\d{1,5}$/.test(key) ||
      !isPort(Number(key)) ||
      typeof hostIP !== "string" ||
      !isIPv4(hostIP) ||
      !isPort(hostPort)
    ) {
      return fail(`has no valid entry for ${key.slice(0, 16)}`);
    }
    ports.set(Number(key), { hostIP, hostPort });
  }
  return ports;
}
