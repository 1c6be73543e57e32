/** Routes ⇄ wire. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  RetryPolicySchema,
  RouteRuleSchema,
  RouteSchema,
  Backend as WireBackend,
  Fault as WireFault,
  RetryPolicy as WireRetryPolicy,
  Route as WireRoute,
  RouteRule as WireRule,
} from "../gen/l7-route_pb.js";
import { RetryOn } from "../gen/l7-route_pb.js";
import type { L7Backend, L7Fault, L7Filter, L7RetryPolicy, L7Route, L7RouteRule } from "../proxy-config.ts";
import { MalformedResource } from "../resource-type.ts";
import { closedEnum } from "./closed-enum.ts";
import { filterFromWire, filterToWire } from "./filter.ts";
import { entriesMax, filledText, fraction, list, milliseconds, required, status, text, texts, time } from "./limits.ts";
import { routeMatchFromWire, routeMatchToWire } from "./value-match.ts";

const retryConditions = closedEnum({
  "connect-failure": RetryOn.CONNECT_FAILURE,
  "refused-stream": RetryOn.REFUSED_STREAM,
  reset: RetryOn.RESET,
  "reset-before-request": RetryOn.RESET_BEFORE_REQUEST,
  "5xx": RetryOn.STATUS_5XX,
  "gateway-error": RetryOn.GATEWAY_ERROR,
  "retriable-4xx": RetryOn.RETRIABLE_4XX,
  "retriable-status-codes": RetryOn.RETRIABLE_STATUS_CODES,
  cancelled: RetryOn.CANCELLED,
  "deadline-exceeded": RetryOn.DEADLINE_EXCEEDED,
  internal: RetryOn.INTERNAL,
  "resource-exhausted": RetryOn.RESOURCE_EXHAUSTED,
  unavailable: RetryOn.UNAVAILABLE,
});

/** One route. */
export const routeToWire = (route: L7Route): MessageInitShape<typeof RouteSchema> => ({
  key: route.key,
  createdAtMs: BigInt(Math.trunc(route.createdAtMs)),
  ordered: route.ordered,
  hostnames: [...route.hostnames],
  rules: route.rules.map(ruleToWire),
});

/** And back; throws `MalformedResource`. */
export const routeFromWire = (wire: WireRoute): L7Route => ({
  key: filledText(wire.key, "route key"),
  createdAtMs: Number(wire.createdAtMs),
  ordered: wire.ordered,
  hostnames: texts(wire.hostnames, "route host names"),
  rules: list(wire.rules, `rules of ${wire.key}`, ruleFromWire, entriesMax),
});

const ruleToWire = (rule: L7RouteRule): MessageInitShape<typeof RouteRuleSchema> => ({
  name: rule.name,
  matches: rule.matches.map(routeMatchToWire),
  filters: rule.filters.map(filterToWire),
  backends: rule.backends.map(({ cluster, weight, filters }) => ({
    cluster,
    weight,
    filters: filters.map(filterToWire),
  })),
  timeouts: {
    requestMs: milliseconds(rule.timeouts.requestMs),
    perTryMs: milliseconds(rule.timeouts.perTryMs),
    idleMs: milliseconds(rule.timeouts.idleMs),
  },
  retry: rule.retry && retryToWire(rule.retry),
  fault: rule.fault && {
    delay: rule.fault.delay && { ...rule.fault.delay, ms: milliseconds(rule.fault.delay.ms) },
    abort: rule.fault.abort && { ...rule.fault.abort },
  },
});

function ruleFromWire(wire: WireRule): L7RouteRule {
  const timeouts = required(wire.timeouts, "timeouts");
  return {
    name: text(wire.name, "rule name"),
    matches: list(wire.matches, "matches", routeMatchFromWire),
    filters: list(wire.filters, "filters", filterFromWire),
    backends: list(wire.backends, "backends", backendFromWire),
    timeouts: {
      requestMs: time(timeouts.requestMs, "request timeout"),
      perTryMs: time(timeouts.perTryMs, "timeout of a try"),
      idleMs: time(timeouts.idleMs, "idle timeout"),
    },
    retry: wire.retry && retryFromWire(wire.retry),
    fault: wire.fault && faultFromWire(wire.fault),
  };
}

const backendFromWire = ({ cluster, weight, filters }: WireBackend): L7Backend => ({
  cluster: text(cluster, "backend cluster"),
  weight,
  filters: list(filters, "backend filters", (filter) => backendFilter(filterFromWire(filter))),
});

/** A backend is chosen after redirects, mirrors and CORS: those would be dropped without a word. */
function backendFilter(filter: L7Filter): L7Filter {
  if (filter.kind !== "requestHeaders" && filter.kind !== "responseHeaders" && filter.kind !== "rewrite") {
    throw new MalformedResource(`backend filters: ${filter.kind} is for rules alone`);
  }
  return filter;
}

/** A rule's or a port's retry policy. */
export const retryToWire = (retry: L7RetryPolicy): MessageInitShape<typeof RetryPolicySchema> => ({
  attempts: retry.attempts,
  on: retry.on.map(retryConditions.toWire),
  statusCodes: [...retry.statusCodes],
  backoffBaseMs: milliseconds(retry.backoffBaseMs),
  unsafeMethods: retry.unsafeMethods,
});

/** And back; throws `MalformedResource`. */
export const retryFromWire = (wire: WireRetryPolicy): L7RetryPolicy => ({
  attempts: wire.attempts,
  on: list(wire.on, "retry conditions", (number) => retryConditions.fromWire(number, "retry condition")),
  statusCodes: list(wire.statusCodes, "retry codes", (code) => status(code, "retry code")),
  backoffBaseMs: time(wire.backoffBaseMs, "retry back-off"),
  unsafeMethods: wire.unsafeMethods,
});

function faultFromWire({ delay, abort }: WireFault): L7Fault {
  if (abort !== undefined && (abort.grpcStatus < -1 || abort.grpcStatus > 16)) {
    throw new MalformedResource(`fault: ${abort.grpcStatus} is no status of gRPC`);
  }
  return {
    delay: delay && { fraction: fraction(delay.fraction, "fault delay"), ms: time(delay.ms, "fault delay") },
    abort: abort && {
      fraction: fraction(abort.fraction, "fault abort"),
      httpStatus: abort.httpStatus === 0 ? 0 : status(abort.httpStatus, "fault abort"),
      grpcStatus: abort.grpcStatus,
    },
  };
}
