"use client";

import { type FieldsProps, serviceOf } from "../form/path-form.ts";
import { suggestNames } from "../form/seen-words.ts";
import { Toggle } from "../inputs/toggle.tsx";
import { DurationField } from "./duration-field.tsx";
import { NumberField } from "./number-field.tsx";
import { PathField } from "./path-field.tsx";
import { ServiceField } from "./service-field.tsx";
import { TextField } from "./text-field.tsx";
import { UntilField } from "./until-field.tsx";

/** What goes wrong on purpose, for whom, until when. */
export function TestWithFaultsFields({ form }: FieldsProps<"test-with-faults">) {
  const { draft, options, set, forward } = form;
  const { delay, abort, onlyWith } = draft;
  const service = serviceOf(options, draft.service);
  return (
    <>
      <ServiceField form={form} label="Service that should misbehave" layer7 />
      {forward && (
        <>
          <PathField
            name={["delay", "abort"]}
            whole
            group
            label="What goes wrong"
            hint={delay === null && abort === null ? "Choose one or both" : undefined}
          >
            <div className="rows">
              <Toggle
                title="Answer slowly"
                checked={delay !== null}
                testId="toggle-delay"
                onChange={(on) => set({ delay: on ? { percent: 10, time: "2s" } : null })}
              />
              <Toggle
                title="Answer with an error"
                checked={abort !== null}
                testId="toggle-abort"
                onChange={(on) => set({ abort: on ? { percent: 10, status: 503 } : null })}
              />
            </div>
          </PathField>
          {delay && (
            <div className="two">
              <DurationField
                name="delay.time"
                label="Later by"
                value={delay.time}
                onChange={(time) => set({ delay: { ...delay, time } })}
              />
              <NumberField
                name="delay.percent"
                label="How many"
                unit="% of requests"
                step={10}
                max={100}
                value={delay.percent}
                onChange={(percent) => set({ delay: { ...delay, percent } })}
              />
            </div>
          )}
          {abort && (
            <div className="two">
              <NumberField
                name="abort.status"
                label="Status"
                min={200}
                max={599}
                value={abort.status}
                onChange={(status) => set({ abort: { ...abort, status } })}
              />
              <NumberField
                name="abort.percent"
                label="How many"
                unit="% of requests"
                step={10}
                max={100}
                value={abort.percent}
                onChange={(percent) => set({ abort: { ...abort, percent } })}
              />
            </div>
          )}
          <Toggle
            title="Only requests with a header"
            checked={onlyWith !== null}
            testId="toggle-onlyWith"
            onChange={(on) => set({ onlyWith: on ? { header: "", value: "" } : null })}
          >
            So that nobody but the testers notices
          </Toggle>
          {onlyWith && (
            <div className="two">
              <TextField
                name="onlyWith.header"
                label="Header"
                placeholder="x-test"
                value={onlyWith.header}
                suggestions={suggestNames(service?.seen.headers)}
                onChange={(header) => set({ onlyWith: { ...onlyWith, header: header.trim() } })}
              />
              <TextField
                name="onlyWith.value"
                label="With the value"
                mono
                value={onlyWith.value}
                onChange={(value) => set({ onlyWith: { ...onlyWith, value } })}
              />
            </div>
          )}
          <UntilField until={draft.until} onChange={(until) => set({ until })} />
        </>
      )}
    </>
  );
}
