import { pathHeads } from "@/server/contracts/golden-paths/heads.ts";
import type { KeepInRegionForm } from "@/server/contracts/golden-paths/places.ts";
import { destinationRuleFindings } from "../destination-rules/findings.ts";
import { regionsOf } from "../destination-rules/traffic-policy.ts";
import { type IntentOf, intentsOf } from "../intent.ts";
import { type GoldenPath, listNames } from "../path.ts";
import { inServices, intentsAfter, planForService, serviceFindings } from "../service-routes/service-plan.ts";
import { serviceProbe } from "../service-routes/service-probe.ts";
import { regionFindings } from "./findings.ts";

const intentOf = ({ service }: KeepInRegionForm): IntentOf<"keep-in-region"> => ({ slug: "keep-in-region", service });

export const keepInRegion: GoldenPath<"keep-in-region"> = {
  slug: "keep-in-region",
  ...pathHeads["keep-in-region"],
  summary: "Calls never leave the region in which they were made. Without pods there they fail.",
  keywords: ["region", "locality", "residency", "gdpr", "destinationrule", "distribute", "pin", "sovereignty"],

  inUse: ({ current }) => inServices(intentsOf(current, "keep-in-region")),

  plan: (form, context) => planForService(intentOf(form), form.enabled, context),

  explain({ service, enabled }, { inventory }) {
    if (!enabled) {
      return `Lets calls to ${service.name} leave their region again.`;
    }
    const regions = regionsOf(inventory);
    const where = regions.length === 0 ? "" : ` (${listNames(regions)})`;
    return `Calls to ${service.name} are answered in the region of the waypoint that they go through${where}, and nowhere else: without a pod there they fail.`;
  },

  changeTitle: ({ enabled, service: { name } }) =>
    enabled ? `Keep calls to ${name} in their region` : `Let calls to ${name} leave their region`,

  button: (form) => keepInRegion.changeTitle(form),

  confirmWord: () => "",

  findings(form, context) {
    if (!form.enabled) {
      return [];
    }
    const next = intentsAfter(keepInRegion.plan(form, context), context);
    return [
      ...serviceFindings(form.service, context, { http: false }),
      ...regionFindings(form.service, next, context),
      ...destinationRuleFindings(form.service, next, context),
    ];
  },

  probes: (form, context) => (form.enabled ? serviceProbe(form.service, context) : []),

  refill: (of) =>
    of.slug === "keep-in-region"
      ? { values: { service: of.service, enabled: true }, summary: "never leaves the region" }
      : undefined,
};
