import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import * as z from "zod";

const path = z.string().min(1).max(4_096);

const schema = z.strictObject({
  node: z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/, "is a DNS label"),
  podCidr: z.string().regex(/^127\.\d{1,3}\.\d{1,3}\.0\/24$/, "is a /24 of 127.0.0.0/8"),
  region: z.string().min(1).max(63),
  zone: z.string().min(1).max(63),
  kubeconfig: path,
  /** Made absolute: processes of an earlier life are known by it. */
  data: path.transform((text) => resolve(text)),
  /** Directory of the Unix sockets. */
  run: path,
  xdsAddress: z.string().min(3).max(256),
  xdsRoot: path,
  telemetryEndpoint: z.url(),
  trustDomain: z.string().min(1).max(253),
  clusterId: z.string().min(1).max(253),
  /** First pause of the crash back-off, in ms; Kubernetes' 10 s unless set. */
  crashBackOffMs: z.coerce.number().int().min(1).max(600_000).default(10_000),
});

export interface NodeRunnerConfig extends z.infer<typeof schema> {
  /** Root of the Towpath checkout. */
  readonly root: string;
  /** PATH of the host, on which other programs are found. */
  readonly hostPath: string;
}

/** Reads the flags. @throws Error that names the flag. */
export function readConfig(args: readonly string[], env: NodeJS.ProcessEnv): NodeRunnerConfig {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      node: text,
      "pod-cidr": text,
      region: text,
      zone: text,
      kubeconfig: text,
      data: text,
      run: text,
      "xds-address": text,
      "xds-root": text,
      "telemetry-endpoint": text,
      "trust-domain": text,
      "cluster-id": text,
      "crash-back-off-ms": text,
    },
  });
  const camel = Object.entries(values).map(([name, value]) => [
    name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  const parsed = schema.safeParse(Object.fromEntries(camel));
  if (!parsed.success) {
    throw new Error(parsed.error.issues.map((issue) => `--${issue.path.join(".")}: ${issue.message}`).join("; "));
  }
  return {
    ...parsed.data,
    root: dirname(dirname(dirname(fileURLToPath(import.meta.url)))),
    hostPath: env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
  };
}
