"use client";

import type { ReactNode } from "react";
import { PathField } from "../../golden-paths/fields/path-field.tsx";
import { SelectInput } from "../../golden-paths/fields/select-input.tsx";
import { useNotes } from "../../golden-paths/form/path-form.ts";
import { DurationInput } from "../../golden-paths/inputs/duration-input.tsx";
import { NumberInput } from "../../golden-paths/inputs/number-input.tsx";
import { AddButton, RemoveButton } from "../../golden-paths/inputs/row-button.tsx";
import { Button } from "../../ui/button.tsx";
import type { ReleaseDraft } from "../form/release-draft.ts";
import type { ReleaseFieldsProps } from "../form/release-form.ts";
import { stepRows, withStep } from "../form/step-presets.ts";
import { allowedWords } from "../form/step-ranges.ts";

type StepDraft = ReleaseDraft["steps"][number];

/** The way to all calls: share, least time, judged or not, a person or not. */
export function StepsField({ form: { draft, set } }: ReleaseFieldsProps) {
  const { steps } = draft;
  const put = (at: number, change: Partial<StepDraft>) =>
    set({ steps: steps.map((step, index) => (index === at ? { ...step, ...change } : step)) });
  const next = withStep(steps);
  const lines = [
    steps.at(-1)?.weight === 100
      ? "Each share is in force on every proxy before its time counts"
      : "After the last step a person sends every call to it",
    ...allowedWords(useNotes().ranges),
  ];
  return (
    <PathField
      name="steps"
      group
      label="Steps"
      hint={lines.map((line) => (
        <span key={line} className="is-block">
          {line}
        </span>
      ))}
    >
      <div className="row wrap step-rows">
        <span className="cap">Take</span>
        {stepRows.map(({ title, steps: row }) => (
          <Button key={title} size="s" look="ghost" onClick={() => set({ steps: structuredClone([...row]) })}>
            {title}
          </Button>
        ))}
      </div>
      <ol className="steps-edit">
        {steps.map((step, at) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: a step is known by its place while it is typed
            key={at}
            data-testid={`edit-step-${at}`}
          >
            <fieldset className="step-edit" aria-label={`Step ${at + 1}`}>
              <span className="step-number tn" aria-hidden="true">
                {at + 1}
              </span>
              <NumberInput
                label={`Share at step ${at + 1}`}
                unit="%"
                step={5}
                max={100}
                value={step.weight}
                testId={`step-weight-${at}`}
                onChange={(weight) => put(at, { weight })}
              />
              <span className="step-hold">
                <span className="aff">for</span>
                <DurationInput
                  label={`Least time of step ${at + 1}`}
                  unit="m"
                  value={step.hold}
                  testId={`step-hold-${at}`}
                  onChange={(hold) => put(at, { hold: hold === "" ? "0s" : hold })}
                />
              </span>
              <RemoveButton
                label={`Remove step ${at + 1}`}
                onClick={() => set({ steps: steps.filter((_, index) => index !== at) })}
              />
              <span className="step-ticks">
                <Tick
                  checked={step.analysis}
                  testId={`step-analysis-${at}`}
                  onChange={(analysis) => put(at, { analysis })}
                >
                  judged
                </Tick>
                <Tick checked={step.gate} testId={`step-gate-${at}`} onChange={(gate) => put(at, { gate })}>
                  then a person decides
                </Tick>
                <Tick
                  checked={step.mirror !== 0}
                  testId={`step-mirror-${at}`}
                  onChange={(on) => put(at, { mirror: on ? 100 : 0 })}
                >
                  copies
                </Tick>
              </span>
              {(step.mirror !== 0 || step.gate) && <StepMore step={step} at={at} put={put} />}
            </fieldset>
          </li>
        ))}
      </ol>
      {next && (
        <AddButton testId="add-step" onClick={() => set({ steps: [...steps, next] })}>
          Add a step
        </AddButton>
      )}
    </PathField>
  );
}

interface StepMoreProps {
  readonly step: StepDraft;
  readonly at: number;
  readonly put: (at: number, change: Partial<StepDraft>) => void;
}

/** What a gate does when nobody comes, and how many calls are copied. */
function StepMore({ step, at, put }: StepMoreProps) {
  return (
    <span className="step-more">
      {step.mirror !== 0 && (
        <NumberInput
          label={`Share that is copied at step ${at + 1}`}
          unit="% of the calls copied"
          step={10}
          max={100}
          value={step.mirror}
          onChange={(mirror) => put(at, { mirror })}
        />
      )}
      {step.gate && (
        <>
          <SelectInput
            label={`When nobody decides at step ${at + 1}`}
            placeholder=""
            value={step.gateTimeout === null ? "wait" : step.onGateTimeout}
            testId={`step-timeout-${at}`}
            onChange={(value) =>
              put(
                at,
                value === "wait"
                  ? { gateTimeout: null }
                  : {
                      gateTimeout: step.gateTimeout ?? "1h",
                      onGateTimeout: value === "promote" ? "promote" : "roll-back",
                    },
              )
            }
            choices={[
              { value: "wait", label: "Waits as long as it takes" },
              { value: "roll-back", label: "Goes back if nobody comes" },
              { value: "promote", label: "Goes on if nobody comes" },
            ]}
          />
          {step.gateTimeout !== null && (
            <DurationInput
              label={`How long step ${at + 1} waits for a person`}
              unit="h"
              value={step.gateTimeout}
              onChange={(gateTimeout) => put(at, { gateTimeout })}
            />
          )}
        </>
      )}
    </span>
  );
}

interface TickProps {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly testId: string;
  readonly children: ReactNode;
}

function Tick({ checked, onChange, testId, children }: TickProps) {
  return (
    <label className="tick">
      <input
        type="checkbox"
        checked={checked}
        data-testid={testId}
        onChange={(event) => onChange(event.target.checked)}
      />
      {children}
    </label>
  );
}
