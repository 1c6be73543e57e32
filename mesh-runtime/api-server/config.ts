import { parseArgs } from "node:util";
import * as z from "zod";

const configSchema = z.strictObject({
  /** Directory of store, certificates and keys. */
  data: z.string().min(1),
  host: z.string().min(1).default("127.0.0.1"),
  /** 0 takes any free port. */
  port: z.coerce.number().int().min(0).max(65_535),
  /** Directory in which the components find their kubeconfigs. */
  credentials: z.string().min(1),
  /** Path of the administrator's kubeconfig. */
  kubeconfig: z.string().min(1),
  /** Directory of the nodes' sockets. */
  run: z.string().min(1),
  nodes: z
    .string()
    .default("")
    .transform((text) => text.split(",").filter((name) => name !== ""))
    .pipe(z.array(z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/)).max(100)),
});

export type ApiServerConfig = z.infer<typeof configSchema>;

/** Reads the flags. Throws with the name of what is wrong. */
export function readConfig(args: readonly string[]): ApiServerConfig {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { data: text, host: text, port: text, credentials: text, kubeconfig: text, run: text, nodes: text },
  });
  const parsed = configSchema.safeParse(values);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new Error(`--${issue?.path.join(".") ?? ""}: ${issue?.message ?? "is wrong"}`);
  }
  return parsed.data;
}
