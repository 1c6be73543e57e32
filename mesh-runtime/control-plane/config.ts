import { isIP } from "node:net";
import { parseArgs } from "node:util";
import * as z from "zod";
import { ports } from "../common/ports.ts";
import { type PublishedPort, parsePublishedPort } from "../controllers/published-port.ts";

const publishedPort = z.string().transform((text, context): PublishedPort => {
  const parsed = parsePublishedPort(text);
  if (parsed === undefined) {
    context.addIssue({ code: "custom", message: `--publish ${text} is not <namespace>/<gateway>:<port>=<host port>` });
    return z.NEVER;
  }
  return parsed;
});

const port = z.coerce.number().int().min(0).max(65_535);

const schema = z.strictObject({
  /** Kubeconfig with the control plane's identity. */
  kubeconfig: z.string().min(1),
  /** Folder for the CA. */
  data: z.string().min(1),
  /** Address of both ports. */
  address: z.string().refine((text) => isIP(text) === 4, "--address must be an IPv4 address"),
  trustDomain: z.string().regex(/^[a-z0-9._-]{1,255}$/),
  clusterId: z.string().min(1).max(253),
  publish: z.array(publishedPort),
  /** 0 takes a free port (tests). */
  xdsPort: port,
  monitoringPort: port,
  /** Lifetime of workload certificates, seconds. */
  certificateLifetimeSeconds: z.coerce
    .number()
    .int()
    .min(2)
    .max(7 * 24 * 3_600),
});

export type ControlPlaneConfig = z.infer<typeof schema>;

/** Reads the command line; throws an error that says which flag is wrong. */
export function readConfig(args: readonly string[]): ControlPlaneConfig {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kubeconfig: { type: "string" },
      data: { type: "string" },
      address: { type: "string" },
      "trust-domain": { type: "string", default: "cluster.local" },
      "cluster-id": { type: "string", default: "Kubernetes" },
      publish: { type: "string", multiple: true, default: [] },
      "xds-port": { type: "string", default: String(ports.xds) },
      "monitoring-port": { type: "string", default: String(ports.controlPlaneMonitoring) },
      "certificate-lifetime-seconds": { type: "string", default: "3600" },
    },
  });
  const config = schema.safeParse({
    kubeconfig: values.kubeconfig,
    data: values.data,
    address: values.address,
    trustDomain: values["trust-domain"],
    clusterId: values["cluster-id"],
    publish: values.publish,
    xdsPort: values["xds-port"],
    monitoringPort: values["monitoring-port"],
    certificateLifetimeSeconds: values["certificate-lifetime-seconds"],
  });
  if (!config.success) {
    throw new Error(config.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "));
  }
  return config.data;
}
