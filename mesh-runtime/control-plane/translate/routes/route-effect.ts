import { effectiveCondition } from "../../../api/conditions.ts";
import { condition, type WantedCondition } from "../conditions.ts";
import type { ParentRefInput, RouteRuleInput } from "../input/route.ts";
import type { ServiceInput } from "../input/service.ts";
import type { World } from "../input/world.ts";
import { portProtocol } from "../l7/port-protocol.ts";
import type { Binding } from "../waypoint/binding.ts";
import { unsupportedIn } from "./attachment.ts";
import { isClosed, portOf, type TranslatedParent, type TranslatedRoute } from "./routes.ts";

/** What the effect of a route depends on besides itself. */
export interface EffectSurroundings {
  readonly world: World;
  /** By store key of the Service. */
  binding(service: string): Binding | undefined;
  /** All routes of a Service, by store key. */
  routesOf(service: string): readonly TranslatedRoute[];
}

/**
 * Whether a route acts by one of its parent references, and if not why: what Istio accepts without a word. `undefined`
 * where Istio's own conditions say it.
 */
export function routeEffect(
  route: TranslatedRoute,
  parent: TranslatedParent,
  around: EffectSurroundings,
): WantedCondition | undefined {
  const isMesh = parent.ref.group === "" && parent.ref.kind === "Service";
  const problem = isMesh ? meshProblem(route, parent, around) : undefined;
  if (problem !== undefined) {
    return condition(effectiveCondition, "False", problem.reason, problem.message);
  }
  if (parent.gateway === undefined && parent.service === undefined) {
    return undefined;
  }
  const inside = ruleProblem(route);
  if (inside !== undefined) {
    return condition(effectiveCondition, "False", inside.reason, inside.message);
  }
  if (!isMesh || parent.service === undefined) {
    return condition(effectiveCondition, "True", "Effective", `acts at gateway ${parent.gateway ?? ""}`);
  }
  const waypoint = around.binding(parent.service)?.named ?? "";
  const covers = around.routesOf(parent.service).some(({ input }) => input.rules.some(isCatchAll));
  return covers
    ? condition(effectiveCondition, "True", "Effective", `acts on service ${parent.service} at waypoint ${waypoint}`)
    : condition(
        effectiveCondition,
        "True",
        "NoCatchAll",
        `acts on service ${parent.service} at waypoint ${waypoint}; requests that no rule matches are answered 404: add a rule without matches to keep them`,
      );
}

interface Problem {
  readonly reason: string;
  readonly message: string;
}

function meshProblem(
  { input }: TranslatedRoute,
  { ref }: TranslatedParent,
  { world, binding }: EffectSurroundings,
): Problem | undefined {
  const key = `${ref.namespace}/${ref.name}`;
  const service = world.services.get(key);
  if (service === undefined) {
    return undefined;
  }
  const unsupported = unsupportedIn(input);
  if (unsupported !== undefined) {
    const consequence = isClosed(input) ? "all requests are answered 500" : "the route is not programmed";
    return { reason: "UnsupportedField", message: `${unsupported.message}; ${consequence}` };
  }
  if (input.namespace !== service.namespace) {
    return {
      reason: "ConsumerRoute",
      message: `a route of namespace ${input.namespace} on a Service of ${service.namespace} has no effect at waypoints; create it in ${service.namespace}`,
    };
  }
  return portProblem(ref, service, key) ?? bindingProblem(binding(key), key);
}

function portProblem(ref: ParentRefInput, service: ServiceInput, key: string): Problem | undefined {
  const { ports } = service;
  const port = portOf(ref, service);
  const meant = ports.filter((candidate) => port === 0 || candidate.port === port);
  if (meant.length === 0) {
    const known = ports.map(({ port: number, name }) => (name === "" ? `${number}` : `${number} ${name}`)).join(", ");
    return {
      reason: "PortNotFound",
      message: `service ${key} has no port ${ref.sectionName || ref.port} (it has: ${known || "none"})`,
    };
  }
  return meant.every((candidate) => portProtocol(candidate) === "TCP")
    ? {
        reason: "NotHttp",
        message: `the protocol of service ${key} is not HTTP; name its port http-… or set appProtocol`,
      }
    : undefined;
}

function bindingProblem(binding: Binding | undefined, key: string): Problem | undefined {
  if (binding === undefined) {
    return {
      reason: "NoWaypoint",
      message: `service ${key} has no waypoint; label it or its namespace istio.io/use-waypoint`,
    };
  }
  return binding.refusal === undefined ? undefined : { reason: "NoWaypoint", message: binding.refusal.message };
}

function ruleProblem({ input, missingPorts }: TranslatedRoute): Problem | undefined {
  if (missingPorts.length > 0) {
    return {
      reason: "BackendPortNotFound",
      message: `no such port: ${missingPorts.slice(0, 8).join(", ")}; its share of requests is answered 500`,
    };
  }
  const empty = input.rules.flatMap((rule, index) => (sendsNowhere(rule) ? [rule.name || `rules[${index}]`] : []));
  return empty.length === 0
    ? undefined
    : {
        reason: "NoBackend",
        message: `no backend has a weight above 0: ${empty.slice(0, 8).join(", ")}; matched requests are answered 500`,
      };
}

const sendsNowhere = ({ backends, filters }: RouteRuleInput): boolean =>
  !filters.some(({ kind }) => kind === "redirect") && backends.every(({ weight }) => weight === 0);

/** Whether a rule takes whatever comes. */
const isCatchAll = ({ matches }: RouteRuleInput): boolean =>
  matches.length === 0 ||
  matches.some(
    ({ path, method, headers, queryParams }) =>
      path.type === "PathPrefix" &&
      path.value === "/" &&
      method === undefined &&
      headers.length === 0 &&
      queryParams.length === 0,
  );
