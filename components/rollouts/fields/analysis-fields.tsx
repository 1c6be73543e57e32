"use client";

import type { LatencyRule } from "@/server/contracts/rollout-spec.ts";
import { DurationField } from "../../golden-paths/fields/duration-field.tsx";
import { Field } from "../../golden-paths/fields/field.tsx";
import { NumberField } from "../../golden-paths/fields/number-field.tsx";
import { PathField } from "../../golden-paths/fields/path-field.tsx";
import { SelectInput } from "../../golden-paths/fields/select-input.tsx";
import { More } from "../../golden-paths/inputs/more.tsx";
import { NumberInput } from "../../golden-paths/inputs/number-input.tsx";
import { AddButton, RemoveButton } from "../../golden-paths/inputs/row-button.tsx";
import type { ReleaseDraft } from "../form/release-draft.ts";
import type { ReleaseFieldsProps } from "../form/release-form.ts";
import { usualAnalysis } from "../form/step-presets.ts";
import { judgedWords } from "../words/judged-words.ts";

type AnalysisDraft = ReleaseDraft["analysis"];

const judging = [
  ...(["interval", "passes", "minSuccess", "latency"] as const),
  ...(["maxWorse", "misses", "minRequests", "inconclusive", "onInconclusive"] as const),
] as const;

/** How the new version is judged against the one that runs. */
export function AnalysisFields({ form: { draft, set } }: ReleaseFieldsProps) {
  const { analysis } = draft;
  const put = (change: Partial<AnalysisDraft>) => set({ analysis: { ...analysis, ...change } });
  return (
    <>
      <Field group label="Judged" hint={<span data-testid="judged-by">{judgedWords(analysis)}</span>}>
        <More
          inside="interval, success rate, latency, comparison, misses"
          names={judging.map((field) => `analysis.${field}`)}
          used={judging.some((field) => JSON.stringify(analysis[field]) !== JSON.stringify(usualAnalysis[field]))}
        >
          <EveryFields analysis={analysis} put={put} />
          <NumberField
            name="analysis.minSuccess"
            label="Answered well"
            optional
            unit="% at least"
            step={0.1}
            max={100}
            value={analysis.minSuccess}
            placeholder="not judged"
            hint="Answers below 500, of the new version"
            onChange={(minSuccess) => put({ minSuccess })}
          />
          <LatencyRules latency={analysis.latency} onChange={(latency) => put({ latency })} />
          <DoubtFields analysis={analysis} put={put} />
        </More>
      </Field>
      <DamageFields analysis={analysis} put={put} />
    </>
  );
}

interface AnalysisPartProps {
  readonly analysis: AnalysisDraft;
  readonly put: (change: Partial<AnalysisDraft>) => void;
}

function EveryFields({ analysis, put }: AnalysisPartProps) {
  return (
    <div className="two">
      <DurationField
        name="analysis.interval"
        label="Every"
        value={analysis.interval}
        onChange={(interval) => put({ interval })}
      />
      <NumberField
        name="analysis.passes"
        label="Passed in a row"
        unit="to go on"
        min={1}
        max={100}
        value={analysis.passes}
        onChange={(passes) => put({ passes })}
      />
    </div>
  );
}

/** How much is too little, and what a miss means. */
function DoubtFields({ analysis, put }: AnalysisPartProps) {
  return (
    <>
      <div className="two">
        <NumberField
          name="analysis.maxWorse"
          label="Worse than before"
          optional
          unit="points at most"
          step={0.1}
          max={100}
          placeholder="not compared"
          value={analysis.maxWorse}
          onChange={(maxWorse) => put({ maxWorse })}
        />
        <NumberField
          name="analysis.misses"
          label="Missed in a row"
          unit="are allowed"
          max={100}
          value={analysis.misses}
          onChange={(misses) => put({ misses })}
        />
      </div>
      <div className="two">
        <NumberField
          name="analysis.minRequests"
          label="A verdict needs"
          unit="requests"
          step={10}
          min={1}
          value={analysis.minRequests}
          onChange={(minRequests) => put({ minRequests })}
        />
        <NumberField
          name="analysis.inconclusive"
          label="Without a verdict"
          unit="intervals"
          min={1}
          value={analysis.inconclusive}
          onChange={(inconclusive) => put({ inconclusive })}
        />
      </div>
      <PathField name="analysis.onInconclusive" label="Then">
        <SelectInput
          placeholder=""
          value={analysis.onInconclusive}
          onChange={(value) =>
            put({ onInconclusive: value === "wait" ? "wait" : value === "roll-back" ? "roll-back" : "ask" })
          }
          choices={[
            { value: "ask", label: "A person decides" },
            { value: "wait", label: "It waits on" },
            { value: "roll-back", label: "It goes back" },
          ]}
        />
      </PathField>
    </>
  );
}

/** What the whole release may cost, whatever the verdicts say. */
function DamageFields({ analysis, put }: AnalysisPartProps) {
  return (
    <div className="two">
      <NumberField
        name="analysis.maxFailedRequests"
        label="Goes back after"
        optional
        unit="failed requests"
        step={10}
        min={1}
        placeholder="no limit"
        value={analysis.maxFailedRequests}
        onChange={(maxFailedRequests) => put({ maxFailedRequests })}
      />
      <NumberField
        name="analysis.maxMinutes"
        label="Or after"
        optional
        unit="minutes"
        step={10}
        min={1}
        placeholder="no limit"
        value={analysis.maxMinutes}
        onChange={(maxMinutes) => put({ maxMinutes })}
      />
    </div>
  );
}

type LatencyDraft = AnalysisDraft["latency"][number];

const quantiles: readonly LatencyRule["quantile"][] = [95, 99, 50];

interface LatencyRulesProps {
  readonly latency: readonly LatencyDraft[];
  readonly onChange: (latency: LatencyDraft[]) => void;
}

/** How slow it may be: in milliseconds, against the other version, or both. */
function LatencyRules({ latency, onChange }: LatencyRulesProps) {
  const put = (at: number, change: Partial<LatencyDraft>) =>
    onChange(latency.map((rule, index) => (index === at ? { ...rule, ...change } : rule)));
  const free = quantiles.find((quantile) => !latency.some((rule) => rule.quantile === quantile));
  return (
    <PathField
      name="analysis.latency"
      group
      optional
      label="Fast enough"
      hint={latency.length > 0 ? "Either limit may be empty" : undefined}
    >
      <div className="rows">
        {latency.map((rule, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a rule is known by its place while it is typed
          <div className="row-fields is-latency" key={at}>
            <SelectInput
              label={`Percentile of limit ${at + 1}`}
              placeholder=""
              value={String(rule.quantile)}
              onChange={(value) => put(at, { quantile: quantiles.find((one) => String(one) === value) ?? 95 })}
              choices={quantiles.map((quantile) => ({ value: String(quantile), label: `p${quantile}` }))}
            />
            <NumberInput
              label={`Milliseconds of limit ${at + 1}`}
              unit="ms"
              step={10}
              placeholder="no limit"
              value={rule.maxMs}
              onChange={(maxMs) => put(at, { maxMs })}
            />
            <NumberInput
              label={`Times the other version, limit ${at + 1}`}
              unit="× stable"
              step={0.1}
              min={1}
              placeholder="no limit"
              value={rule.maxRatio}
              onChange={(maxRatio) => put(at, { maxRatio })}
            />
            <RemoveButton
              label={`Remove limit ${at + 1}`}
              onClick={() => onChange(latency.filter((_, index) => index !== at))}
            />
          </div>
        ))}
        {free !== undefined && (
          <AddButton
            testId="add-latency"
            onClick={() => onChange([...latency, { quantile: free, maxMs: null, maxRatio: 2 }])}
          >
            Add a limit
          </AddButton>
        )}
      </div>
    </PathField>
  );
}
