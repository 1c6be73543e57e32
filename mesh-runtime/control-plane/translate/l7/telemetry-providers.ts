import type { MeshConfigInput } from "../input/mesh-config.ts";

/**
 * Providers that are there without being configured: `envoy` is Istio's own file log; the others carry the names that
 * Istio's documentation gives to what MeshConfig usually holds. All end at the portal's collector.
 */
const builtIn: Readonly<Record<string, "accessLog" | "tracing">> = {
  envoy: "accessLog",
  filelog: "accessLog",
  otel: "tracing",
  opentelemetry: "tracing",
};

/** What a provider of Telemetry is for; `undefined` when nobody knows it. MeshConfig goes before what is built in. */
export function providerKind(
  name: string,
  { providers }: MeshConfigInput,
): "accessLog" | "tracing" | "authorizer" | "other" | undefined {
  const configured = providers.find((provider) => provider.name === name);
  return configured?.kind ?? (Object.hasOwn(builtIn, name) ? builtIn[name] : undefined);
}
