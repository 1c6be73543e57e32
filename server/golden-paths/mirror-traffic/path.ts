import { pathHeads } from "@/server/contracts/golden-paths/heads.ts";
import type { MirrorTrafficForm } from "@/server/contracts/golden-paths/resilience.ts";
import { type IntentOf, intentsOf } from "../intent.ts";
import type { GoldenPath } from "../path.ts";
import { routeFindings } from "../service-routes/route-findings.ts";
import { inServices, intentsAfter, planForService, serviceFindings } from "../service-routes/service-plan.ts";
import { serviceProbe } from "../service-routes/service-probe.ts";
import { mirrorFindings } from "./findings.ts";

const intentOf = ({ enabled: _enabled, ...values }: MirrorTrafficForm): IntentOf<"mirror-traffic"> => ({
  slug: "mirror-traffic",
  ...values,
});

const targetText = ({ to, service }: Pick<MirrorTrafficForm, "to" | "service">): string =>
  to.kind === "service" ? to.service.name : `version ${to.version} of ${service.name}`;

export const mirrorTraffic: GoldenPath<"mirror-traffic"> = {
  slug: "mirror-traffic",
  ...pathHeads["mirror-traffic"],
  summary: "Try a version or another service with real traffic. Its answers are thrown away, callers notice nothing.",
  keywords: ["mirror", "shadow", "copy", "requestmirror", "dark launch", "test with real traffic", "httproute"],

  inUse: ({ current }) => inServices(intentsOf(current, "mirror-traffic")),

  plan(form, context) {
    const plan = planForService(intentOf(form), form.enabled, context);
    // Who gets the copies decides too.
    const { to } = form;
    return form.enabled && to.kind === "service"
      ? { ...plan, namespaces: [...new Set([...plan.namespaces, to.service.namespace])].sort() }
      : plan;
  },

  explain(form) {
    const { service, percent, enabled } = form;
    if (!enabled) {
      return `Stops copying calls to ${service.name}.`;
    }
    const share = percent === 100 ? "every call" : `${percent} % of the calls`;
    return `Sends a copy of ${share} to ${service.name} to ${targetText(form)} as well. Answers to copies are thrown away, and callers do not wait for them.`;
  },

  changeTitle: (form) =>
    form.enabled
      ? `Copy calls to ${form.service.name} to ${targetText(form)}`
      : `Stop copying calls to ${form.service.name}`,

  button: (form) => mirrorTraffic.changeTitle(form),

  confirmWord: () => "",

  findings(form, context) {
    const next = intentsAfter(mirrorTraffic.plan(form, context), context);
    return form.enabled
      ? [
          ...serviceFindings(form.service, context),
          ...mirrorFindings(form, next, context),
          ...routeFindings(form.service, next, context),
        ]
      : routeFindings(form.service, next, context);
  },

  probes: (form, context) => (form.enabled ? serviceProbe(form.service, context) : []),

  refill(of) {
    if (of.slug !== "mirror-traffic") {
      return undefined;
    }
    const { slug: _slug, ...values } = of;
    return { values: { ...values, enabled: true }, summary: `${of.percent} % copied to ${targetText(of)}` };
  },
};
