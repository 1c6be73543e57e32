import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import * as z from "zod";

const flag = z
  .enum(["", "0", "1", "true", "false"])
  .default("")
  .transform((value) => value === "1" || value === "true");
const optionalUrl = z
  .union([z.literal(""), z.url({ protocol: /^https?$/ })])
  .default("")
  .transform((url) => url.replace(/\/+$/, ""));

/** Environment of the portal; everything else is found in the database or in the cluster. */
const environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65535).default(3000),
  /** PostgreSQL, 15 or newer. */
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, "DATABASE_URL must begin with postgresql://"),
  /** Credentials for the Kubernetes API; absent in a pod, where the service account's are taken. */
  KUBECONFIG: z.string().default(""),
  /** Directory (0700) for secrets of the portal. */
  TOWPATH_PORTAL_DATA: z.string().default(".towpath/portal"),
  TOWPATH_PORTAL_URL: optionalUrl,
  TOWPATH_GATEWAY_URL: optionalUrl,
  TOWPATH_TARGET: z.enum(["embedded", "kubernetes"]).default("embedded"),
  TOWPATH_TRUST_DOMAIN: z.string().default("cluster.local"),
  TOWPATH_DEMO: flag,
  TOWPATH_MIGRATIONS: z.string().default(""),
});

export interface PortalConfig {
  readonly port: number;
  readonly databaseUrl: string;
  readonly kubeconfig: string;
  readonly dataDir: string;
  /** Without a slash at the end; what sign-in links begin with and what mutations must come from. */
  readonly portalUrl: string;
  readonly gatewayUrl: string;
  readonly target: "embedded" | "kubernetes";
  readonly trustDomain: string;
  readonly demo: boolean;
  readonly migrationsDir: string;
  readonly version: string;
}

/** Reads and checks the environment once. Throws with the names of what is wrong. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): PortalConfig {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    throw new Error(`The portal cannot start: ${z.prettifyError(parsed.error)}`);
  }
  const read = parsed.data;
  return {
    port: read.PORT,
    databaseUrl: read.DATABASE_URL,
    kubeconfig: read.KUBECONFIG,
    dataDir: read.TOWPATH_PORTAL_DATA,
    portalUrl: read.TOWPATH_PORTAL_URL || `http://127.0.0.1:${read.PORT}`,
    gatewayUrl: read.TOWPATH_GATEWAY_URL,
    target: read.TOWPATH_TARGET,
    trustDomain: read.TOWPATH_TRUST_DOMAIN,
    demo: read.TOWPATH_DEMO,
    migrationsDir: read.TOWPATH_MIGRATIONS || findMigrations(process.cwd()),
    version: "0.1.0",
  };
}

/** In a checkout beside `app`, in a standalone build two folders up. */
function findMigrations(cwd: string): string {
  const places = [join(cwd, "prisma/migrations"), join(cwd, "../../prisma/migrations")];
  return places.find((place) => existsSync(place)) ?? "prisma/migrations";
}
