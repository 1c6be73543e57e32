import type { HttpAuthorization } from "../../../policy/http-model.ts";
import { bindsGateway } from "../../../policy/index.ts";
import type { ProxyConfig } from "../../../xds/model.ts";
import type { GatewayInput } from "../input/gateway.ts";
import { keyOf } from "../input/lenient.ts";
import type { MeshFacts } from "../input/world.ts";
import type { CompiledPolicy } from "../policies.ts";
import { takesHttpRoutes } from "./attachment.ts";
import { gatewayLabels } from "./classes.ts";
import type { TranslatedRoute } from "./routes.ts";

/** Policies that a gateway enforces. */
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

/** The whole configuration of an ingress gateway. Policies bind all of its listeners, DENY before ALLOW. */
export function translateGateway(
  gateway: GatewayInput,
  routes: readonly TranslatedRoute[],
  policies: readonly CompiledPolicy[],
): ProxyConfig {
  const authorizations = policies
    .flatMap(({ compiled }) => ("error" in compiled || compiled.http === undefined ? [] : [compiled.http]))
    .sort(inEvaluationOrder);
  return {
    name: gateway.name,
    namespace: gateway.namespace,
    listeners: gateway.listeners
      .filter((listener) => takesHttpRoutes(listener) && listener.port !== 0 && listener.name !== "")
      .map((listener) => ({
        name: listener.name,
        port: listener.port,
        protocol: "HTTP",
        hostname: listener.hostname,
        routes: routes.flatMap(({ attached }) => attached.get(keyOf(gateway))?.get(listener.name) ?? []),
        authorizations,
      })),
  };
}

const inEvaluationOrder = (a: HttpAuthorization, b: HttpAuthorization): number =>
  Number(a.action === "ALLOW") - Number(b.action === "ALLOW") || (keyOf(a) < keyOf(b) ? -1 : 1);
