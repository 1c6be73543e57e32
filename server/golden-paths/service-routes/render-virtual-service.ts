/** A plan as one VirtualService, the only kind that knows faults (`resources.md` §14). Pure. */
import { durationMs } from "@/mesh-runtime/api/gateway-api/duration.ts";
import { managed, type Rendered } from "../resource.ts";
import { shorter } from "./render-http-route.ts";
import type { HeaderEdits, RouteDestination, RoutePlan, RouteRetry, RouteRule } from "./route-plan.ts";
import { hostOf } from "./service-host.ts";

/** The whole service, at all its ports: a destination without a port is the port that was called. */
export function renderVirtualService(plan: RoutePlan): Rendered {
  const { service, rules, intents } = plan;
  return managed("VirtualService", service.namespace, service.name, intents, {
    hosts: [hostOf(service)],
    http: rules.map(renderRule),
  });
}

function renderRule(rule: RouteRule): object {
  const { name, destinations, timeout, retry, mirrors, fault } = rule;
  const match = matchesOf(rule);
  const headers = {
    ...headerOperations("request", rule.requestHeaders),
    ...headerOperations("response", rule.responseHeaders),
  };
  return {
    name,
    ...(match.length === 0 ? {} : { match }),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    ...(fault === undefined ? {} : { fault: faultOf(fault) }),
    route: destinations.map((destination) => ({
      destination: destinationOf(destination),
      ...(destinations.length === 1 ? {} : { weight: destination.weight }),
      ...(destination.responseHeaders === undefined
        ? {}
        : { headers: headerOperations("response", destination.responseHeaders) }),
    })),
    ...(mirrors.length === 0
      ? {}
      : {
          mirrors: mirrors.map((mirror) => ({
            destination: destinationOf(mirror),
            percentage: { value: mirror.percent },
          })),
        }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(retry === undefined ? {} : { retries: retryOf(retry, timeout) }),
  };
}

const destinationOf = ({ service, port }: RouteDestination): object => ({
  host: hostOf(service),
  ...(port === undefined ? {} : { port: { number: port } }),
});

/** A prefix there is of characters: whole segments are the path itself, or what goes on behind a slash. */
function matchesOf({ when: { pathPrefix, methods, headers } }: RouteRule): object[] {
  const paths =
    pathPrefix === undefined || pathPrefix === "/"
      ? [{}]
      : [{ uri: { exact: pathPrefix } }, { uri: { prefix: `${pathPrefix}/` } }];
  const withHeaders = (headers ?? [[]]).map((set) =>
    set.length === 0
      ? {}
      : {
          headers: Object.fromEntries(
            set.map(({ name, value, isPattern }) => [name, isPattern === true ? { regex: value } : { exact: value }]),
          ),
        },
  );
  const [only, ...more] = methods ?? [];
  const method =
    only === undefined ? {} : { method: more.length === 0 ? { exact: only } : { regex: [only, ...more].join("|") } };
  const all = paths.flatMap((path) => withHeaders.map((match) => ({ ...path, ...method, ...match })));
  return all.filter((match) => Object.keys(match).length > 0);
}

/** What Gateway API's `retry` comes to, in Istio's words. */
const connectionErrors = ["connect-failure", "refused-stream", "unavailable", "cancelled", "retriable-status-codes"];

/** Status codes that Istio takes in `retryOn`: those that Go has a text for. */
export const isKnownStatus = (code: number): boolean =>
  (code >= 400 && code <= 418) ||
  (code >= 421 && code <= 426) ||
  [428, 429, 431, 451, 510, 511].includes(code) ||
  (code >= 500 && code <= 508);

function retryOf({ attempts, codes, backoff, perTry }: RouteRetry, timeout: string | undefined): object {
  if (attempts === 0) {
    return { attempts };
  }
  const perTryTimeout = shorter(perTry, timeout);
  return {
    attempts,
    retryOn: [...connectionErrors, ...codes.filter(isKnownStatus)].join(","),
    ...(durationMs(backoff) === 0 ? {} : { backoff }),
    ...(perTryTimeout === undefined ? {} : { perTryTimeout }),
  };
}

const faultOf = ({ delay, abort }: NonNullable<RouteRule["fault"]>): object => ({
  ...(delay === undefined ? {} : { delay: { fixedDelay: delay.time, percentage: { value: delay.percent } } }),
  ...(abort === undefined ? {} : { abort: { httpStatus: abort.status, percentage: { value: abort.percent } } }),
});

const byName = (entries: readonly { readonly name: string; readonly value: string }[]): object =>
  Object.fromEntries(entries.map(({ name, value }) => [name, value]));

const headerOperations = (of: "request" | "response", edits: HeaderEdits | undefined): object =>
  edits === undefined
    ? {}
    : {
        [of]: {
          ...(edits.set === undefined ? {} : { set: byName(edits.set) }),
          ...(edits.add === undefined ? {} : { add: byName(edits.add) }),
          ...(edits.remove === undefined ? {} : { remove: edits.remove }),
        },
      };
