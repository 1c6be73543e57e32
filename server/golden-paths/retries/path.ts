import { pathHeads } from "@/server/contracts/golden-paths/heads.ts";
import type { RetriesForm } from "@/server/contracts/golden-paths/resilience.ts";
import { destinationRuleFindings } from "../destination-rules/findings.ts";
import { shapesTraffic } from "../destination-rules/traffic-policy.ts";
import { type IntentOf, intentsOf } from "../intent.ts";
import { count, type GoldenPath, listNames } from "../path.ts";
import { routeFindings } from "../service-routes/route-findings.ts";
import { inServices, intentsAfter, planForService, serviceFindings } from "../service-routes/service-plan.ts";
import { serviceProbe } from "../service-routes/service-probe.ts";
import { retryFindings } from "./findings.ts";

const intentOf = ({ enabled: _enabled, ...values }: RetriesForm): IntentOf<"retries"> => ({
  slug: "retries",
  ...values,
});

const codesText = (codes: readonly number[]): string =>
  codes.length === 0 ? "failed connections only" : listNames([...new Set(codes)].sort().map(String));

/** "up to 3 retries on 502, 503 and 504". */
const summaryOf = ({ attempts, codes, safeOnly }: Pick<RetriesForm, "attempts" | "codes" | "safeOnly">): string =>
  attempts === 0
    ? "no retries"
    : `up to ${count(attempts, "retry", "retries")} on ${codesText(codes)}${safeOnly ? ", safe methods only" : ""}`;

export const retries: GoldenPath<"retries"> = {
  slug: "retries",
  ...pathHeads.retries,
  summary: "Try again when a call fails, so that callers do not notice. Bounded, so that a storm does not grow.",
  keywords: ["retry", "httproute", "attempts", "retry budget", "backoff", "per try timeout", "flaky", "idempotent"],

  inUse: ({ current }) => inServices(intentsOf(current, "retries")),

  plan: (form, context) => planForService(intentOf(form), form.enabled, context),

  explain(form) {
    const { service, attempts, codes, perTry, safeOnly, budgetPercent, backoff } = form;
    if (!form.enabled) {
      return `Takes the retries of ${service.name} back: the mesh repeats only what did not reach it.`;
    }
    if (attempts === 0) {
      return `Repeats no call to ${service.name}, not even those that the mesh would repeat by itself.`;
    }
    const what = codes.length === 0 ? "connections that fail" : `answers ${codesText(codes)} and connections that fail`;
    const whose = safeOnly ? "GET, HEAD, OPTIONS, PUT and DELETE calls" : "every call";
    const time = perTry === null ? "" : ` Each try may take ${perTry}.`;
    const budget =
      budgetPercent === null
        ? ""
        : ` Retries are at most ${budgetPercent} % of the calls under way, so that they cannot become a storm.`;
    return `Repeats ${whose} to ${service.name} up to ${count(attempts, "time")} after ${what}, ${backoff} apart and longer.${time}${budget}`;
  },

  changeTitle: ({ enabled, attempts, service: { name } }) =>
    !enabled
      ? `Take back the retries of ${name}`
      : attempts === 0
        ? `Forbid retries of ${name}`
        : `Retry calls to ${name}`,

  button: (form) => retries.changeTitle(form),

  confirmWord: () => "",

  findings(form, context) {
    const next = intentsAfter(retries.plan(form, context), context);
    if (!form.enabled) {
      return routeFindings(form.service, next, context);
    }
    return [
      ...serviceFindings(form.service, context),
      ...retryFindings(form, next, context),
      ...routeFindings(form.service, next, context),
      ...(shapesTraffic(intentOf(form)) ? destinationRuleFindings(form.service, next, context) : []),
    ];
  },

  probes: (form, context) => (form.enabled ? serviceProbe(form.service, context) : []),

  refill(of) {
    if (of.slug !== "retries") {
      return undefined;
    }
    const { slug: _slug, ...values } = of;
    return { values: { ...values, enabled: true }, summary: summaryOf(of) };
  },
};
