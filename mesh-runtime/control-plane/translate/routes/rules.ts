import type { L7Backend, L7Filter, L7RetryPolicy, L7RouteRule, L7Timeouts } from "../../../xds/proxy-config.ts";
import { condition, type WantedCondition } from "../conditions.ts";
import { keyOf } from "../input/lenient.ts";
import type { BackendInput, FilterInput, RouteInput, RouteRuleInput } from "../input/route.ts";
import type { World } from "../input/world.ts";
import { clusterKey } from "../l7/cluster-key.ts";
import { keyOfService } from "../service-address.ts";
import { refusalOf } from "./references.ts";

/** A route's rules with their backends looked up, and what to say about references that lead nowhere. */
export interface ResolvedRules {
  readonly rules: readonly L7RouteRule[];
  readonly resolvedRefs: WantedCondition;
  /** References to a port that the Service does not have; Istio says nothing about them. */
  readonly missingPorts: readonly string[];
}

/**
 * Looks up the backends of a route. A reference that cannot be followed keeps its weight and answers 500 (Gateway API
 * "HTTPBackendRef"); a mirror that cannot is left out.
 */
export function resolveRules(
  route: RouteInput,
  world: World,
  { enforceGrants }: { enforceGrants: boolean },
): ResolvedRules {
  let problem: WantedCondition | undefined;
  const missingPorts = new Set<string>();
  /** Key of the backend's cluster; empty when there is none. */
  const clusterOf = (backend: BackendInput): string => {
    const refusal = refusalOf(backend, route, world, enforceGrants);
    if (refusal !== undefined) {
      problem ??= refusal;
      return "";
    }
    if (world.services.get(keyOf(backend))?.ports.some(({ port }) => port === backend.port) !== true) {
      missingPorts.add(`${keyOf(backend)}:${backend.port}`);
      return "";
    }
    return clusterKey({ service: keyOfService(backend), port: backend.port, subset: "" });
  };
  const filtersOf = (filters: readonly FilterInput[]): L7Filter[] =>
    filters.flatMap((filter): L7Filter[] => {
      if (filter.kind !== "mirror") {
        return [filter];
      }
      const cluster = clusterOf(filter.backend);
      return cluster === "" ? [] : [{ kind: "mirror", cluster, fraction: filter.fraction }];
    });
  const rules = route.rules.map((rule): L7RouteRule => {
    const filters = filtersOf(rule.filters);
    return {
      name: rule.name,
      matches: rule.matches,
      filters,
      backends: rule.backends.map(
        (backend): L7Backend => ({
          cluster: clusterOf(backend),
          weight: backend.weight,
          filters: filtersOf(backend.filters),
        }),
      ),
      timeouts: timeoutsOf(rule),
      retry: retryOf(rule),
      fault: undefined,
    };
  });
  return {
    rules,
    resolvedRefs: problem ?? condition("ResolvedRefs", "True", "ResolvedRefs", "All references resolved"),
    missingPorts: [...missingPorts],
  };
}

/** `backendRequest` is for one try where there are tries to count; else it is for the whole request, as istiod has it. */
const timeoutsOf = ({ requestTimeoutMs, backendTimeoutMs, retry }: RouteRuleInput): L7Timeouts =>
  retry === undefined && backendTimeoutMs > 0
    ? { requestMs: backendTimeoutMs, perTryMs: 0, idleMs: 0 }
    : { requestMs: requestTimeoutMs, perTryMs: backendTimeoutMs, idleMs: 0 };

/** Tries after the first when `attempts` is not written, as istiod. */
const attemptsDefault = 2;
/** Envoy's least wait between tries. */
const backoffDefaultMs = 25;

/** The policy that istiod makes of `retry`: connection errors always, and the codes that are named. */
function retryOf({ retry }: RouteRuleInput): L7RetryPolicy | undefined {
  return retry === undefined
    ? undefined
    : {
        attempts: retry.attempts ?? attemptsDefault,
        on: ["connect-failure", "refused-stream", "unavailable", "cancelled", "retriable-status-codes"],
        statusCodes: retry.codes,
        backoffBaseMs: retry.backoffMs || backoffDefaultMs,
        unsafeMethods: true,
      };
}
