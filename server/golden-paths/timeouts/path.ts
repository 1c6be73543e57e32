import { pathHeads } from "@/server/contracts/golden-paths/heads.ts";
import type { TimeoutsForm } from "@/server/contracts/golden-paths/resilience.ts";
import { type IntentOf, intentsOf } from "../intent.ts";
import { count, type GoldenPath, listNames } from "../path.ts";
import { routeFindings } from "../service-routes/route-findings.ts";
import { inServices, intentsAfter, planForService, serviceFindings } from "../service-routes/service-plan.ts";
import { serviceProbe } from "../service-routes/service-probe.ts";
import { timeoutFindings } from "./findings.ts";

const intentOf = ({ enabled: _enabled, ...values }: TimeoutsForm): IntentOf<"timeouts"> => ({
  slug: "timeouts",
  ...values,
});

export const timeouts: GoldenPath<"timeouts"> = {
  slug: "timeouts",
  ...pathHeads.timeouts,
  summary: "Give up on a call after a time, so that a slow service does not slow its callers down with it.",
  keywords: ["timeout", "deadline", "httproute", "slow", "504", "latency"],

  inUse: ({ current }) => inServices(intentsOf(current, "timeouts")),

  plan: (form, context) => planForService(intentOf(form), form.enabled, context),

  explain({ service, request, paths, enabled }) {
    if (!enabled) {
      return `Takes the time limit of ${service.name} back: callers wait as long as it takes.`;
    }
    const single = paths.map((one) => `${one.path} after ${one.request}`);
    const others = single.length === 0 ? "" : `; on ${listNames(single, 6)}`;
    return `Ends calls to ${service.name} after ${request}, with all their tries${others}. Callers get 504 then.`;
  },

  changeTitle: ({ enabled, request, service: { name } }) =>
    enabled ? `End calls to ${name} after ${request}` : `Take back the time limit of ${name}`,

  button: (form) => timeouts.changeTitle(form),

  confirmWord: () => "",

  findings(form, context) {
    const next = intentsAfter(timeouts.plan(form, context), context);
    return form.enabled
      ? [
          ...serviceFindings(form.service, context),
          ...timeoutFindings(form, next, context),
          ...routeFindings(form.service, next, context),
        ]
      : routeFindings(form.service, next, context);
  },

  probes: (form, context) => (form.enabled ? serviceProbe(form.service, context) : []),

  refill(of) {
    if (of.slug !== "timeouts") {
      return undefined;
    }
    const { slug: _slug, ...values } = of;
    const others = of.paths.length === 0 ? "" : `, ${count(of.paths.length, "path")} with a time of its own`;
    return { values: { ...values, enabled: true }, summary: `ends after ${of.request}${others}` };
  },
};
