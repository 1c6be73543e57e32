import * as z from "zod";

const hostPort = z.object({ hostIP: z.ipv4(), hostPort: z.int().min(0).max(65535) });

const fromJson = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .max(16_384)
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue("is no JSON");
        return z.NEVER;
      }
    })
    .pipe(schema);

const name = z.string().min(1).max(253);

const environment = z.object({
  POD_NAME: name,
  POD_NAMESPACE: name,
  POD_IP: z.ipv4(),
  NODE_NAME: name,
  SERVICE_ACCOUNT: name,
  GATEWAY_NAME: name,
  WORKLOAD_NAME: name,
  APP_LABEL: z.string().default(""),
  VERSION_LABEL: z.string().default(""),
  TOWPATH_XDS_ADDRESS: name,
  TOWPATH_XDS_ROOT: z.string().min(1),
  TOWPATH_TOKEN_FILE: z.string().min(1),
  TOWPATH_TELEMETRY_ENDPOINT: z.url(),
  TOWPATH_TELEMETRY_TOKEN_FILE: z.string().min(1),
  TOWPATH_TRUST_DOMAIN: name.default("cluster.local"),
  TOWPATH_CLUSTER_ID: name.default("Kubernetes"),
  TOWPATH_REGION: z.string().default(""),
  TOWPATH_ZONE: z.string().default(""),
  TOWPATH_HOST_PORTS: fromJson(z.record(z.string().regex(/^\d{1,5}$/), hostPort)).default({}),
});

/** Everything a proxy pod is told, from the environment that the node runner gives it. */
export interface GatewayConfig {
  readonly podName: string;
  readonly namespace: string;
  readonly podIp: string;
  readonly node: string;
  readonly serviceAccount: string;
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
}

/** Reads the configuration. Throws a ZodError that names what is missing. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): GatewayConfig {
  const values = environment.parse(env);
  return {
    podName: values.POD_NAME,
    namespace: values.POD_NAMESPACE,
    podIp: values.POD_IP,
    node: values.NODE_NAME,
    serviceAccount: values.SERVICE_ACCOUNT,
    gateway: values.GATEWAY_NAME,
    workloadName: values.WORKLOAD_NAME,
    app: values.APP_LABEL,
    version: values.VERSION_LABEL,
    xdsAddress: values.TOWPATH_XDS_ADDRESS,
    xdsRootFile: values.TOWPATH_XDS_ROOT,
    tokenFile: values.TOWPATH_TOKEN_FILE,
    telemetryEndpoint: values.TOWPATH_TELEMETRY_ENDPOINT,
    telemetryTokenFile: values.TOWPATH_TELEMETRY_TOKEN_FILE,
    trustDomain: values.TOWPATH_TRUST_DOMAIN,
    clusterId: values.TOWPATH_CLUSTER_ID,
    region: values.TOWPATH_REGION,
    zone: values.TOWPATH_ZONE,
    hostPorts: new Map(Object.entries(values.TOWPATH_HOST_PORTS).map(([port, host]) => [Number(port), host])),
  };
}
