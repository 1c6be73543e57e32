/** What guardrails of "release a version" mean for releases and their steps. Pure. */
import type { Finding } from "@/server/contracts/golden-paths.ts";
import type { Guardrails, PathRule } from "@/server/contracts/guardrails.ts";
import { copiesLimit, shareLimit, unjudgedOver } from "@/server/contracts/release-limits.ts";
import type { RolloutSpec } from "@/server/contracts/rollout-spec.ts";
import { finding } from "@/server/golden-paths/path.ts";
import { rangeFindings, ruleOf } from "./rules.ts";

const slug = "release-a-version";
const setBy = "The platform engineers set this limit.";

/** What a single change of a release is asked for: what its steps are was decided when it began. */
export const ofReleaseStep = (rule: PathRule): PathRule => ({
  ...rule,
  ranges: rule.ranges.flatMap((range) =>
    range.field === "weight" ? [] : range.field === "mirror" ? [{ ...range, min: null }] : [range],
  ),
});

/** Guardrails as they hold for the changes of a release. */
export const forReleaseSteps = (guardrails: Guardrails): Guardrails => ({
  ...guardrails,
  paths: guardrails.paths.map((rule) => (rule.slug === slug ? ofReleaseStep(rule) : rule)),
});

/** Why a release may not be as it is asked for, each at its field of the spec. */
export function releaseFindings(guardrails: Guardrails, spec: Pick<RolloutSpec, "steps" | "sticky">): Finding[] {
  const rule = ruleOf(guardrails, slug);
  const [share, copies] = [shareLimit(rule.ranges), copiesLimit(rule.ranges)];
  return [
    ...(share === null ? [] : unjudgedOver(spec.steps, share)).map((at) =>
      finding("error", "out-of-range", `steps.${at}.weight`, `Step ${at + 1}: ${judgedFirst(share)}`),
    ),
    ...spec.steps.flatMap(({ mirror }, at) =>
      copies === null || mirror <= copies
        ? []
        : [
            finding(
              "error",
              "out-of-range",
              `steps.${at}.mirror`,
              `Step ${at + 1}: copy at most ${copies} %. ${setBy}`,
            ),
          ],
    ),
    ...(spec.sticky === null ? [] : rangeFindings(rule, slug, { ...emptyForm, sticky: spec.sticky })).filter(
      ({ field }) => field.startsWith("sticky"),
    ),
  ];
}

const judgedFirst = (share: number | null): string =>
  `more than ${share} % takes a release that is judged. Let this step or one before it be judged. ${setBy}`;

/** Of a form, only what its ranges are asked for matters. */
const emptyForm = {
  service: { namespace: "", name: "" },
  ...{ stable: "", canary: null, weight: 0, match: [], mirror: 0, sticky: null, round: 0, preview: null },
  enabled: true,
};
