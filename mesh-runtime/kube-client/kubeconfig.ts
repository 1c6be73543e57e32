import { readFile } from "node:fs/promises";
import * as z from "zod";
import { KubeError } from "./error.ts";

/** What a process needs to reach the API: one server, its CA, one bearer token. */
export interface Kubeconfig {
  /** `https://host:port`. */
  readonly server: string;
  /** PEM of the certificate authority. */
  readonly certificateAuthority: string;
  readonly token: string;
  /** Default namespace of the current context. */
  readonly namespace: string;
}

const clusterEntry = z.object({
  name: z.string(),
  cluster: z.object({ server: z.url({ protocol: /^https$/ }), "certificate-authority-data": z.base64().min(1) }),
});
const userEntry = z.object({ name: z.string(), user: z.object({ token: z.string().min(1).optional() }) });
const contextEntry = z.object({
  name: z.string(),
  context: z.object({ cluster: z.string(), user: z.string(), namespace: z.string().optional() }),
});

const fileSchema = z.object({
  "current-context": z.string().min(1),
  clusters: z.array(clusterEntry).max(100),
  users: z.array(userEntry).max(100),
  contexts: z.array(contextEntry).max(100),
});

const bytesMax = 1 << 20;

/** Reads a kubeconfig and resolves its current context. Fails with `badKubeconfig`; the message never holds a token. */
export async function loadKubeconfig(path: string): Promise<Kubeconfig> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new KubeError("badKubeconfig", `cannot read kubeconfig ${path}`, { cause });
  });
  return parseKubeconfig(text, path);
}

/** Parses a kubeconfig (YAML or JSON). `source` names it in errors. */
export async function parseKubeconfig(text: string, source = "kubeconfig"): Promise<Kubeconfig> {
  if (text.length > bytesMax) {
    throw new KubeError("badKubeconfig", `${source} is larger than ${bytesMax} bytes`);
  }
  // yaml costs tens of milliseconds to load and the parse happens once.
  const { parse } = await import("yaml");
  let document: unknown;
  try {
    document = parse(text, { maxAliasCount: 0 });
  } catch (cause) {
    throw new KubeError("badKubeconfig", `${source} is no YAML`, { cause });
  }
  const file = fileSchema.safeParse(document);
  if (!file.success) {
    const where = file.error.issues[0]?.path.join(".") ?? "";
    throw new KubeError("badKubeconfig", `${source} lacks a usable value at ${where}`);
  }
  const pick = <T extends { readonly name: string }>(list: readonly T[], name: string, field: string): T => {
    const entry = list.find((candidate) => candidate.name === name);
    if (entry === undefined) {
      throw new KubeError("badKubeconfig", `${source} names ${field} "${name}", which it does not have`);
    }
    return entry;
  };
  const { context } = pick(file.data.contexts, file.data["current-context"], "context");
  const { cluster } = pick(file.data.clusters, context.cluster, "cluster");
  const { user } = pick(file.data.users, context.user, "user");
  if (user.token === undefined) {
    throw new KubeError("badKubeconfig", `${source} has no token for user "${context.user}"`);
  }
  return {
    server: cluster.server.replace(/\/+$/, ""),
    certificateAuthority: Buffer.from(cluster["certificate-authority-data"], "base64").toString("utf8"),
    token: user.token,
    namespace: context.namespace ?? "default",
  };
}
