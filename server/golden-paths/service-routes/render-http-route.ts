/** A plan as HTTPRoutes (Gateway API). Every default is written, so that what is live can be compared. Pure. */
import { durationMs } from "@/mesh-runtime/api/gateway-api/duration.ts";
import { managed, type Rendered } from "../resource.ts";
import type { HeaderEdits, RouteDestination, RouteMirror, RoutePlan, RouteRule } from "./route-plan.ts";

/**
 * One route for each HTTP port: a Service as a backend needs its port, and requests stay at the port that they called.
 * The first is named after the service, the others after service and port. Without a port (the Service is away) the
 * route is attached to nothing and keeps what was asked for.
 */
export function renderHttpRoutes(plan: RoutePlan, ports: readonly number[]): Rendered[] {
  const { namespace, name } = plan.service;
  if (ports.length === 0) {
    return [managed("HTTPRoute", namespace, name, plan.intents, { parentRefs: [], rules: [] })];
  }
  return ports.map((port, index) =>
    managed("HTTPRoute", namespace, index === 0 ? name : `${name}-${port}`, plan.intents, {
      parentRefs: [{ group: "", kind: "Service", name, port }],
      rules: plan.rules.map((rule) => renderRule(rule, plan, port)),
    }),
  );
}

function renderRule(rule: RouteRule, { service: { namespace } }: RoutePlan, port: number): object {
  const { name, destinations, timeout, retry } = rule;
  const reference = (destination: RouteDestination) => ({
    group: "",
    kind: "Service",
    name: destination.service.name,
    ...(destination.service.namespace === namespace ? {} : { namespace: destination.service.namespace }),
    port: destination.port ?? port,
  });
  const filters = [
    ...headerFilter("RequestHeaderModifier", "requestHeaderModifier", rule.requestHeaders),
    ...headerFilter("ResponseHeaderModifier", "responseHeaderModifier", rule.responseHeaders),
    ...rule.mirrors.map((mirror) => ({
      type: "RequestMirror",
      requestMirror: { backendRef: reference(mirror), ...shareOf(mirror) },
    })),
  ];
  const perTry = retry === undefined || retry.attempts === 0 ? undefined : shorter(retry.perTry, timeout);
  const timeouts = {
    ...(timeout === undefined ? {} : { request: timeout }),
    ...(perTry === undefined ? {} : { backendRequest: perTry }),
  };
  return {
    name,
    matches: matchesOf(rule),
    ...(filters.length === 0 ? {} : { filters }),
    backendRefs: destinations.map((destination) => {
      const ofAnswers = headerFilter("ResponseHeaderModifier", "responseHeaderModifier", destination.responseHeaders);
      return {
        ...reference(destination),
        weight: destination.weight,
        ...(ofAnswers.length === 0 ? {} : { filters: ofAnswers }),
      };
    }),
    ...(Object.keys(timeouts).length === 0 ? {} : { timeouts }),
    ...(retry === undefined ? {} : { retry: retryOf(retry) }),
  };
}

/** A try cannot take longer than the whole: Gateway API refuses it, and it would not do anything. */
export const shorter = (perTry: string | undefined, whole: string | undefined): string | undefined =>
  perTry === undefined || (whole !== undefined && (durationMs(perTry) ?? 0) >= (durationMs(whole) ?? 0))
    ? undefined
    : perTry;

const retryOf = ({ attempts, codes, backoff }: NonNullable<RouteRule["retry"]>): object =>
  attempts === 0
    ? { attempts }
    : { attempts, ...(durationMs(backoff) === 0 ? {} : { backoff }), ...(codes.length === 0 ? {} : { codes }) };

/** All combinations of methods and headers. */
export function matchesOf({ when }: Pick<RouteRule, "when">): object[] {
  const path = { type: "PathPrefix", value: when.pathPrefix ?? "/" };
  const byHeader = (when.headers ?? [[]]).map((set) =>
    set.length === 0
      ? { path }
      : {
          path,
          headers: set.map(({ name, value, isPattern }) => ({
            type: isPattern === true ? "RegularExpression" : "Exact",
            name,
            value,
          })),
        },
  );
  const { methods } = when;
  return methods === undefined
    ? byHeader
    : methods.flatMap((method) => byHeader.map((match) => ({ ...match, method })));
}

function headerFilter(type: string, field: string, edits: HeaderEdits | undefined): object[] {
  return edits === undefined ? [] : [{ type, [field]: edits }];
}

/** Whole percentages as such, others in hundredths. */
const shareOf = ({ percent }: RouteMirror): object =>
  Number.isInteger(percent) ? { percent } : { fraction: { numerator: Math.round(percent * 100), denominator: 10_000 } };
