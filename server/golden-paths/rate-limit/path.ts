import { pathHeads } from "@/server/contracts/golden-paths/heads.ts";
import type { RateLimitEntry, RateLimitForm } from "@/server/contracts/golden-paths/resilience.ts";
import { type IntentOf, intentsOf } from "../intent.ts";
import { count, type GoldenPath, listNames } from "../path.ts";
import { inServices, planForService, serviceFindings } from "../service-routes/service-plan.ts";
import { limitFindings } from "./findings.ts";

const intentOf = ({ service, limits }: RateLimitForm): IntentOf<"rate-limit"> => ({
  slug: "rate-limit",
  service,
  limits,
});

const perText = ({ per, header }: RateLimitEntry): string =>
  per === "total" ? "in all" : per === "caller" ? "for each caller" : `for each value of ${header}`;

/** "10 requests in 1s for each caller". */
const limitText = (entry: RateLimitEntry): string =>
  `${count(entry.requests, "request")} in ${entry.interval} ${perText(entry)}${entry.only === null ? "" : ", of some requests"}`;

export const rateLimit: GoldenPath<"rate-limit"> = {
  slug: "rate-limit",
  ...pathHeads["rate-limit"],
  summary: "So many requests in a time: in all, for each caller, or for each value of a header. What is more gets 429.",
  keywords: ["rate limit", "ratelimitpolicy", "quota", "throttle", "429", "overload", "retry-after", "tenant"],

  inUse: ({ current }) => inServices(intentsOf(current, "rate-limit")),

  plan: (form, context) => planForService(intentOf(form), form.enabled, context),

  explain({ service, limits, enabled }) {
    if (!enabled) {
      return `Takes the limit of ${service.name} away: it is called as often as callers like.`;
    }
    const overrides = limits.reduce((sum, { overrides: own }) => sum + own.length, 0);
    const others =
      overrides === 0
        ? ""
        : ` ${count(overrides, "caller or value has", "callers or values have")} a number of their own.`;
    return `Lets ${listNames(limits.map(limitText), 8)} through to ${service.name}; what is more gets 429 with the time to wait. Each waypoint pod counts for itself.${others}`;
  },

  changeTitle: ({ enabled, service: { name } }) =>
    enabled ? `Limit how often ${name} is called` : `Take away the limit of ${name}`,

  button: (form) => rateLimit.changeTitle(form),

  confirmWord: () => "",

  findings: (form, context) =>
    form.enabled ? [...serviceFindings(form.service, context), ...limitFindings(form, context)] : [],

  // A request for proof would use up somebody's quota.
  probes: () => [],

  refill(of) {
    if (of.slug !== "rate-limit") {
      return undefined;
    }
    const { slug: _slug, ...values } = of;
    return { values: { ...values, enabled: true }, summary: listNames(of.limits.map(limitText), 3) };
  },
};
