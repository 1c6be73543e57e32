import { parse } from "yaml";
import type { PathNormalization } from "../../../policy/path-normalization.ts";
import { type AuthorizerInput, readAuthorizer } from "./authorizer.ts";
import { fields, text } from "./lenient.ts";
import { type FieldReader, readFields } from "./unsupported.ts";

/** An entry of `extensionProviders`: something outside of the proxies that decides, logs or traces. */
export interface ExtensionProviderInput {
  readonly name: string;
  readonly kind: "authorizer" | "accessLog" | "tracing" | "other";
  /** `envoyExtAuthzHttp` and the like. */
  readonly field: string;
  /** Of authorizers. */
  readonly authorizer: AuthorizerInput | undefined;
  /** Service that it is at; empty for none. */
  readonly service: string;
}

/** What the mesh needs to know of MeshConfig (ConfigMap `istio` of the root namespace, key `mesh`). */
export interface MeshConfigInput {
  readonly providers: readonly ExtensionProviderInput[];
  readonly pathNormalization: PathNormalization;
  readonly defaultProviders: { readonly accessLogging: readonly string[]; readonly tracing: readonly string[] };
  /** `accessLogFile` is set: access logs without any Telemetry. */
  readonly accessLog: boolean;
  /** Share of requests that are traced when no Telemetry says otherwise, 0 to 1. */
  readonly sampling: number;
  /** `localityLbSetting.enabled`: outlier detection switches failover by locality on. */
  readonly localityFailover: boolean;
  /** Whether destinations outside that no ServiceEntry lists may be called (`outboundTrafficPolicy.mode`). */
  readonly outboundMode: "ALLOW_ANY" | "REGISTRY_ONLY";
  /** What is wrong with the text itself; empty when it could be read. */
  readonly problem: string;
}

/** A mesh without a configuration of its own. */
export const defaultMeshConfig: MeshConfigInput = {
  providers: [],
  pathNormalization: "BASE",
  defaultProviders: { accessLogging: [], tracing: [] },
  accessLog: false,
  sampling: 0.01,
  localityFailover: true,
  outboundMode: "ALLOW_ANY",
  problem: "",
};

const textMax = 256 * 1_024;

/** Reads the ConfigMap. A text that cannot be read is a problem to tell of, and the defaults hold. */
export function readMeshConfig(object: unknown): MeshConfigInput {
  const source = text(fields(fields(object)["data"])["mesh"]);
  if (source.length > textMax) {
    return { ...unreadable(source), problem: `the mesh configuration is longer than ${textMax} characters` };
  }
  let document: unknown;
  try {
    document = parse(source, { maxAliasCount: 0, logLevel: "error" });
  } catch (error) {
    return {
      ...unreadable(source),
      problem: `the mesh configuration is no YAML: ${error instanceof Error ? (error.message.split("\n")[0] ?? "") : ""}`,
    };
  }
  const spec = readFields(document ?? {}, []);
  const defaults = spec.object("defaultProviders");
  const sampling = spec.object("defaultConfig")?.object("tracing")?.raw("sampling");
  const normalization = normalizationOf(spec.object("pathNormalization")?.text("normalization") ?? "");
  const outbound = spec.object("outboundTrafficPolicy");
  const outboundMode = outbound === undefined ? "ALLOW_ANY" : outbound.text("mode", "REGISTRY_ONLY");
  const isKnownMode = outboundMode === "ALLOW_ANY" || outboundMode === "REGISTRY_ONLY";
  return {
    providers: spec.objects("extensionProviders").map(readProvider),
    pathNormalization: normalization ?? "BASE",
    defaultProviders: {
      accessLogging: defaults?.list("accessLogging") ?? [],
      tracing: defaults?.list("tracing") ?? [],
    },
    accessLog: spec.text("accessLogFile") !== "",
    sampling: typeof sampling === "number" && sampling >= 0 && sampling <= 100 ? sampling / 100 : 0.01,
    localityFailover: spec.object("localityLbSetting")?.raw("enabled") !== false,
    // An unknown mode asks for something stricter than none.
    outboundMode: isKnownMode ? outboundMode : "REGISTRY_ONLY",
    problem:
      normalization === undefined
        ? "pathNormalization.normalization is unknown: BASE holds"
        : isKnownMode
          ? ""
          : "outboundTrafficPolicy.mode is unknown: REGISTRY_ONLY holds",
  };
}

/** What holds when the text cannot be read: the defaults, but nothing is opened that it seems to close. */
const unreadable = (source: string): MeshConfigInput => ({
  ...defaultMeshConfig,
  outboundMode: source.includes("REGISTRY_ONLY") ? "REGISTRY_ONLY" : "ALLOW_ANY",
});

/** Istio's name for no wish is `DEFAULT`, which is BASE. */
function normalizationOf(name: string): PathNormalization | undefined {
  switch (name) {
    case "":
    case "DEFAULT":
      return "BASE";
    case "NONE":
    case "BASE":
    case "MERGE_SLASHES":
    case "DECODE_AND_MERGE_SLASHES":
      return name;
    default:
      return undefined;
  }
}

const kinds: Readonly<Record<string, ExtensionProviderInput["kind"]>> = {
  envoyExtAuthzHttp: "authorizer",
  envoyExtAuthzGrpc: "authorizer",
  envoyFileAccessLog: "accessLog",
  envoyHttpAls: "accessLog",
  envoyTcpAls: "accessLog",
  envoyOtelAls: "accessLog",
  opentelemetry: "tracing",
  zipkin: "tracing",
  lightstep: "tracing",
  datadog: "tracing",
  skywalking: "tracing",
  opencensus: "tracing",
};

function readProvider(reader: FieldReader): ExtensionProviderInput {
  const name = reader.text("name");
  const field = Object.keys(kinds).find((candidate) => reader.has(candidate)) ?? "";
  const kind = kinds[field] ?? "other";
  const own = field === "" ? undefined : reader.object(field);
  return {
    name,
    kind,
    field,
    authorizer:
      kind === "authorizer" && own !== undefined
        ? readAuthorizer(name, field === "envoyExtAuthzGrpc" ? "grpc" : "http", own)
        : undefined,
    service: own?.text("service") ?? "",
  };
}
