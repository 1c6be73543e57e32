import { pathHeads } from "@/server/contracts/golden-paths/heads.ts";
import type { CircuitBreakerForm } from "@/server/contracts/golden-paths/resilience.ts";
import { destinationRuleFindings } from "../destination-rules/findings.ts";
import { type IntentOf, intentsOf } from "../intent.ts";
import { count, type GoldenPath, listNames } from "../path.ts";
import { inServices, intentsAfter, planForService, serviceFindings } from "../service-routes/service-plan.ts";
import { serviceProbe } from "../service-routes/service-probe.ts";
import { breakerFindings } from "./findings.ts";

const intentOf = ({ enabled: _enabled, ...values }: CircuitBreakerForm): IntentOf<"circuit-breaker"> => ({
  slug: "circuit-breaker",
  ...values,
});

function limitsText({ maxConnections, maxPending, maxRequests }: CircuitBreakerForm): string {
  const limits = [
    ...(maxConnections === null ? [] : [count(maxConnections, "connection")]),
    ...(maxPending === null ? [] : [count(maxPending, "waiting request")]),
    ...(maxRequests === null ? [] : [`${count(maxRequests, "request")} at once`]),
  ];
  return limits.length === 0
    ? ""
    : ` Each waypoint pod allows at most ${listNames(limits)}; what is more gets 503 at once.`;
}

export const circuitBreaker: GoldenPath<"circuit-breaker"> = {
  slug: "circuit-breaker",
  ...pathHeads["circuit-breaker"],
  summary: "Stop calling a pod that keeps failing, and limit what piles up in front of a service that is slow.",
  keywords: [
    "circuit breaker",
    "outlier detection",
    "ejection",
    "destinationrule",
    "connection pool",
    "bulkhead",
    "warmup",
    "slow start",
  ],

  inUse: ({ current }) => inServices(intentsOf(current, "circuit-breaker")),

  plan: (form, context) => planForService(intentOf(form), form.enabled, context),

  explain(form) {
    const { service, consecutiveErrors, interval, ejectFor, maxEjectedPercent, slowStart } = form;
    if (!form.enabled) {
      return `Takes the circuit breaker of ${service.name} away: failing pods keep getting their share of calls.`;
    }
    const slow = slowStart === null ? "" : ` A pod that is new or comes back gets its full share after ${slowStart}.`;
    return `Leaves a pod of ${service.name} out for ${ejectFor}, and longer each time again, after ${count(consecutiveErrors, "5xx answer")} in a row; looks every ${interval}, and at most ${maxEjectedPercent} % of the pods are out. With every pod out, callers get 503.${limitsText(form)}${slow}`;
  },

  changeTitle: ({ enabled, service: { name } }) =>
    enabled ? `Leave failing pods of ${name} out` : `Take away the circuit breaker of ${name}`,

  button: (form) => circuitBreaker.changeTitle(form),

  confirmWord: () => "",

  findings(form, context) {
    if (!form.enabled) {
      return [];
    }
    const next = intentsAfter(circuitBreaker.plan(form, context), context);
    return [
      ...serviceFindings(form.service, context, { http: false }),
      ...breakerFindings(form, context),
      ...destinationRuleFindings(form.service, next, context),
    ];
  },

  probes: (form, context) => (form.enabled ? serviceProbe(form.service, context) : []),

  refill(of) {
    if (of.slug !== "circuit-breaker") {
      return undefined;
    }
    const { slug: _slug, ...values } = of;
    return {
      values: { ...values, enabled: true },
      summary: `leaves pods out after ${count(of.consecutiveErrors, "error")} in a row`,
    };
  },
};
