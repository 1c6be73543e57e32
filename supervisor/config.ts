import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import * as z from "zod";
import { SupervisorError } from "./errors.ts";

/** The checkout. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const port = z.coerce.number().int().min(0).max(65_535);

const environment = z.object({
  /** All state; the default is `.towpath/` in the checkout. */
  TOWPATH_HOME: z.string().min(1).default(resolve(root, ".towpath")),
  /** Portal; 0 picks a free port. */
  PORT: port.default(3000),
  /** Where the ingress gateway is published on 127.0.0.1; 0 picks a free port. */
  TOWPATH_GATEWAY_PORT: port.default(8080),
  /** PostgreSQL of one's own instead of the embedded one. */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
});

export interface SupervisorConfig {
  readonly home: string;
  readonly portalPort: number;
  readonly gatewayPort: number;
  readonly databaseUrl: string | undefined;
  /** Apply the demo company at first start and run its visitor. */
  readonly demo: boolean;
  /** Start the portal and its database; scenario tests run the mesh alone and collect telemetry on `portalPort`. */
  readonly portal: boolean;
  readonly reset: boolean;
  readonly json: boolean;
}

/** Reads flags and environment. Throws SupervisorError `invalid-configuration`. */
export function readConfig(argv: readonly string[], env: NodeJS.ProcessEnv): SupervisorConfig {
  const invalid = (problem: string): SupervisorError =>
    new SupervisorError(
      "invalid-configuration",
      problem,
      "Flags: --no-demo --reset --json. Environment: TOWPATH_HOME, PORT, TOWPATH_GATEWAY_PORT, DATABASE_URL.",
    );
  const flags = ((): ReturnType<typeof parse> => {
    try {
      return parse(argv);
    } catch (error) {
      throw invalid(error instanceof Error ? error.message : String(error));
    }
  })();
  const parsed = environment.safeParse(
    Object.fromEntries(Object.keys(environment.shape).map((name) => [name, env[name] === "" ? undefined : env[name]])),
  );
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw invalid(`${issue?.path.join(".") ?? "environment"}: ${issue?.message ?? "invalid"}`);
  }
  return {
    home: resolve(parsed.data.TOWPATH_HOME),
    portalPort: parsed.data.PORT,
    gatewayPort: parsed.data.TOWPATH_GATEWAY_PORT,
    databaseUrl: parsed.data.DATABASE_URL,
    demo: !flags["no-demo"],
    portal: true,
    reset: flags.reset,
    json: flags.json,
  };
}

function parse(argv: readonly string[]): { "no-demo": boolean; reset: boolean; json: boolean } {
  return parseArgs({
    args: [...argv],
    options: {
      "no-demo": { type: "boolean", default: false },
      reset: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
    strict: true,
  }).values;
}
