import type { ReleaseAVersionForm } from "@/server/contracts/golden-paths/release.ts";
import { type IntentOf, intentsOf } from "../intent.ts";
import type { GoldenPath } from "../path.ts";
import { routeFindings } from "../service-routes/route-findings.ts";
import { inServices, intentsAfter, planForService, serviceFindings } from "../service-routes/service-plan.ts";
import { serviceProbe } from "../service-routes/service-probe.ts";

const intentOf = ({ enabled: _enabled, ...values }: ReleaseAVersionForm): IntentOf<"release-a-version"> => ({
  slug: "release-a-version",
  ...values,
});

const sharesText = ({ stable, canary, weight }: Pick<ReleaseAVersionForm, "stable" | "canary" | "weight">): string =>
  canary === null ? `all to ${stable}` : `${weight} % to ${canary}, the rest to ${stable}`;

export const releaseAVersion: GoldenPath<"release-a-version"> = {
  slug: "release-a-version",
  title: "Release a new version gradually",
  summary:
    "A new version gets more and more of the calls, is judged on the way, and goes back by itself when it is bad.",
  group: "release",
  keywords: ["canary", "rollout", "blue green", "weights", "traffic split", "progressive delivery", "httproute", "a/b"],

  inUse: ({ current }) => inServices(intentsOf(current, "release-a-version")),

  plan: (form, context) => planForService(intentOf(form), form.enabled, context),

  explain: (form) =>
    form.enabled
      ? `Shares the calls to ${form.service.name}: ${sharesText(form)}.`
      : `Gives the calls to ${form.service.name} back to all its pods, whatever their version.`,

  changeTitle: (form) =>
    form.enabled
      ? `Share calls to ${form.service.name}: ${sharesText(form)}`
      : `Stop sharing calls to ${form.service.name} by version`,

  button: (form) => releaseAVersion.changeTitle(form),

  confirmWord: () => "",

  findings(form, context) {
    const next = intentsAfter(releaseAVersion.plan(form, context), context);
    return form.enabled
      ? [...serviceFindings(form.service, context), ...routeFindings(form.service, next, context)]
      : routeFindings(form.service, next, context);
  },

  probes: (form, context) => (form.enabled ? serviceProbe(form.service, context) : []),

  refill(of) {
    if (of.slug !== "release-a-version") {
      return undefined;
    }
    const { slug: _slug, ...values } = of;
    return { values: { ...values, enabled: true }, summary: sharesText(of) };
  },
};
