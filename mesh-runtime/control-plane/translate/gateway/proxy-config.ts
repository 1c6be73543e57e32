import { bindsGateway } from "../../../policy/index.ts";
import type { L7Listener, ProxyConfig } from "../../../xds/proxy-config.ts";
import type { ConfigSources } from "../config-sources.ts";
import type { GatewayInput } from "../input/gateway.ts";
import { keyOf } from "../input/lenient.ts";
import type { MeshFacts, World } from "../input/world.ts";
import type { CompiledPolicy } from "../policies.ts";
import { authorizationsOf } from "../policy-targets.ts";
import { routeProblem } from "../readable.ts";
import type { TranslatedRoute } from "../routes/routes.ts";
import { gatewayLabels } from "./classes.ts";
import { conflictProblem, protocolProblem } from "./gateway-status.ts";
import { listenerTls } from "./listener-tls.ts";

/** Policies that an ingress gateway enforces. */
export function policiesOfGateway(
  gateway: GatewayInput,
  policies: readonly CompiledPolicy[],
  facts: MeshFacts,
): readonly CompiledPolicy[] {
  const subject = {
    namespace: gateway.namespace,
    name: gateway.name,
    gatewayClassName: gateway.className,
    labels: gatewayLabels(gateway),
  };
  return policies.filter(({ resource }) => {
    try {
      return bindsGateway(resource, subject, facts.rootNamespace);
    } catch {
      return false;
    }
  });
}

/** The whole configuration of an ingress gateway. Policies bind all of its listeners. */
export function translateGateway(
  gateway: GatewayInput,
  routes: readonly TranslatedRoute[],
  policies: readonly CompiledPolicy[],
  sources: ConfigSources,
  world: World,
): ProxyConfig {
  const inFront = sources.atGateway(gateway, authorizationsOf(policies));
  const listeners = gateway.listeners.flatMap((listener): L7Listener[] => {
    const tls = listenerTls(gateway, listener, world);
    const problem = protocolProblem(gateway, listener) ?? conflictProblem(gateway, listener);
    if (listener.port === 0 || listener.name === "" || problem !== undefined || "refusal" in tls) {
      return [];
    }
    return [
      {
        name: listener.name,
        port: listener.port,
        protocol: listener.protocol === "HTTPS" ? "HTTPS" : "HTTP",
        hostname: listener.hostname,
        certificates: tls.certificates,
        routes: routes
          .flatMap(({ attached }) => attached.get(keyOf(gateway))?.get(listener.name) ?? [])
          .filter((route) => routeProblem(route) === ""),
        ...inFront,
      },
    ];
  });
  const served = listeners.flatMap((listener) => listener.routes);
  return {
    name: gateway.name,
    namespace: gateway.namespace,
    kind: "gateway",
    listeners,
    services: [],
    workloads: [],
    tellsCallersAs: "",
    certificates: sources.certificates(listeners.flatMap(({ certificates }) => certificates)),
    ...sources.common(gateway, [], served, []),
  };
}
