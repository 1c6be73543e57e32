import type { L7Backend, L7RouteRule } from "../../../xds/model.ts";
import { condition, type WantedCondition } from "../conditions.ts";
import type { BackendRefInput, HttpRouteInput } from "../input/http-route.ts";
import type { World } from "../input/world.ts";
import { hostnameOf, keyOfService } from "../service-address.ts";

/** A route's rules with their backends looked up, and what to say about references that lead nowhere. */
export interface ResolvedRules {
  readonly rules: readonly L7RouteRule[];
  readonly resolvedRefs: WantedCondition;
}

/**
 * Looks up the backends of a route. A reference that cannot be followed keeps its weight and answers 500 (Gateway API
 * "HTTPBackendRef"). Another namespace's Service needs a ReferenceGrant there; mesh routes do not (`enforceGrants`).
 */
export function resolveRules(
  route: HttpRouteInput,
  world: World,
  { enforceGrants }: { enforceGrants: boolean },
): ResolvedRules {
  let problem: WantedCondition | undefined;
  const rules = route.rules.map((rule): L7RouteRule => {
    const backends = rule.backends.map((backend): L7Backend => {
      const refused = refusalOf(backend, route, world, enforceGrants);
      problem ??= refused;
      const service = refused === undefined ? keyOfService(backend) : "";
      return { service, port: backend.port, weight: backend.weight };
    });
    return { name: rule.name, matches: rule.matches, backends, requestTimeoutMs: rule.requestTimeoutMs };
  });
  return {
    rules,
    resolvedRefs: problem ?? condition("ResolvedRefs", "True", "ResolvedRefs", "All references resolved"),
  };
}

function refusalOf(
  backend: BackendRefInput,
  route: HttpRouteInput,
  world: World,
  enforceGrants: boolean,
): WantedCondition | undefined {
  const { group, kind, namespace, name } = backend;
  if (group !== "" || kind !== "Service") {
    return refused("InvalidKind", `referencing unsupported backendRef: group "${group}" kind "${kind}"`);
  }
  if (enforceGrants && namespace !== route.namespace) {
    return refused(
      "RefNotPermitted",
      `backendRef ${name}/${namespace} not accessible to a HTTPRoute in namespace "${route.namespace}" (missing a ReferenceGrant?)`,
    );
  }
  return world.services.has(`${namespace}/${name}`)
    ? undefined
    : refused("BackendNotFound", `backend(${hostnameOf(backend)}) not found`);
}

const refused = (reason: string, message: string): WantedCondition =>
  condition("ResolvedRefs", "False", reason, message);
