import { pathHeads } from "@/server/contracts/golden-paths/heads.ts";
import type { ReleaseAVersionForm } from "@/server/contracts/golden-paths/release.ts";
import { type IntentOf, intentKey, intentsOf } from "../intent.ts";
import type { GoldenPath } from "../path.ts";
import { routeFindings } from "../service-routes/route-findings.ts";
import { inServices, intentsAfter, planForService, serviceFindings } from "../service-routes/service-plan.ts";
import { releaseFindings } from "./findings.ts";
import { previewPlan } from "./preview-plan.ts";
import { releaseProbes } from "./probes.ts";
import { callerPlan } from "./told-callers.ts";
import { matchesText, sharesText } from "./words.ts";

const intentOf = ({ enabled: _enabled, ...values }: ReleaseAVersionForm): IntentOf<"release-a-version"> => ({
  slug: "release-a-version",
  ...values,
});

export const releaseAVersion: GoldenPath<"release-a-version"> = {
  slug: "release-a-version",
  ...pathHeads["release-a-version"],
  summary:
    "A new version gets more and more of the calls, is judged on the way, and goes back by itself when it is bad.",
  keywords: ["canary", "rollout", "blue green", "weights", "traffic split", "progressive delivery", "httproute", "a/b"],

  inUse: ({ current }) => inServices(intentsOf(current, "release-a-version")),

  plan(form, context) {
    const intent = intentOf(form);
    const own = planForService(intent, form.enabled, context);
    const known = context.current.get(intentKey(intent));
    const before = known?.slug === "release-a-version" ? known : undefined;
    const after = form.enabled ? intent : undefined;
    const preview = previewPlan(before, after, context);
    const namespaces = [...own.namespaces, ...preview.namespaces, ...callerPlan(before, after, context)];
    return { ...own, namespaces: [...new Set(namespaces)].sort(), changes: [...own.changes, ...preview.changes] };
  },

  explain(form) {
    const { service, canary, mirror, sticky, preview } = form;
    if (!form.enabled) {
      return `Gives the calls to ${service.name} back to all its pods, whatever their version.`;
    }
    const parts = [`Shares the calls to ${service.name}: ${sharesText(form)}.`];
    if (canary !== null) {
      const whose = matchesText(form);
      parts.push(whose === "" ? "" : `Calls ${whose} always get to ${canary}.`);
      parts.push(mirror === 0 ? "" : `Copies of ${mirror} % go to ${canary}, whose answers to them nobody sees.`);
      parts.push(sticky === null ? "" : "Whoever got a version keeps it for a while, by a cookie.");
      parts.push(preview === null ? "" : `At ${preview.host} only ${canary} answers.`);
    }
    return parts.filter((part) => part !== "").join(" ");
  },

  changeTitle: (form) =>
    form.enabled
      ? `Share calls to ${form.service.name}: ${sharesText(form)}`
      : `Stop sharing calls to ${form.service.name} by version`,

  button: (form) => releaseAVersion.changeTitle(form),

  confirmWord: () => "",

  findings(form, context) {
    const next = intentsAfter(releaseAVersion.plan(form, context), context);
    return form.enabled
      ? [
          ...serviceFindings(form.service, context, { release: false }),
          ...releaseFindings(form, next, context),
          ...routeFindings(form.service, next, context),
        ]
      : routeFindings(form.service, next, context);
  },

  probes: releaseProbes,

  refill(of) {
    if (of.slug !== "release-a-version") {
      return undefined;
    }
    const { slug: _slug, ...values } = of;
    return { values: { ...values, enabled: true }, summary: sharesText(of) };
  },
};
