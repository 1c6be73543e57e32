import { parseArgs } from "node:util";
import * as z from "zod";

const path = z.string().min(1).max(4096);
const name = z.string().min(1).max(253);

const agentConfig = z.strictObject({
  node: name,
  /** The node's own address: admin, metrics and readiness listen there. */
  address: z.ipv4(),
  /** Socket of the node runner. */
  zds: path,
  xdsAddress: z.string().regex(/^[^\s:]+:\d{1,5}$/, "expected <host>:<port>"),
  xdsRoot: path,
  tokenFile: path,
  telemetryEndpoint: z.url(),
  telemetryTokenFile: path,
  trustDomain: name,
  clusterId: name,
  region: z.string().max(253),
  zone: z.string().max(253),
});

/** Configuration of one agent process. */
export type AgentConfig = Readonly<z.infer<typeof agentConfig>>;

const text = { type: "string" } as const;

/** Reads the command line. Throws with a message that names the flag. */
export function readConfig(argv: readonly string[]): AgentConfig {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      node: text,
      address: text,
      zds: text,
      "xds-address": text,
      "xds-root": text,
      "token-file": text,
      "telemetry-endpoint": text,
      "telemetry-token-file": text,
      "trust-domain": { ...text, default: "cluster.local" },
      "cluster-id": { ...text, default: "Kubernetes" },
      region: { ...text, default: "" },
      zone: { ...text, default: "" },
    },
  });
  const camelCase = (flag: string): string => flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  const parsed = agentConfig.safeParse(
    Object.fromEntries(Object.entries(values).map(([flag, value]) => [camelCase(flag), value])),
  );
  if (!parsed.success) {
    throw new Error(z.prettifyError(parsed.error));
  }
  return parsed.data;
}
