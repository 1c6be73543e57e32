"use client";

import { Field } from "../../golden-paths/fields/field.tsx";
import { NumberField } from "../../golden-paths/fields/number-field.tsx";
import { PathField } from "../../golden-paths/fields/path-field.tsx";
import { SelectInput } from "../../golden-paths/fields/select-input.tsx";
import { TextField } from "../../golden-paths/fields/text-field.tsx";
import { More } from "../../golden-paths/inputs/more.tsx";
import { plural, rate, textOf } from "../../ui/format.ts";
import { Segmented } from "../../ui/segmented.tsx";
import type { ReleaseFieldsProps, ReleaseService } from "../form/release-form.ts";
import { nextVersion, usualVersion } from "../form/step-presets.ts";
import { CommandField } from "./command-field.tsx";

/** The version that runs, and the one that comes: one that runs already, or a new one. */
export function VersionsField({ form }: ReleaseFieldsProps) {
  const { draft, service, set } = form;
  const versions = service?.versions.filter(({ version }) => version !== "") ?? [];
  const running = versions.find(({ version }) => version === draft.stable);
  const starts = draft.start !== null;
  const choices = versions.map((option) => ({
    value: option.version,
    label: option.version,
    detail: detailOf(option),
  }));
  const others = choices.filter(({ value }) => value !== draft.stable);
  const unknown = service && draft.stable !== "" && !running;
  return (
    <>
      <PathField
        name="stable"
        label="From"
        warning={unknown && `No pod of ${draft.stable} runs now.`}
        hint={running ? imageOf(running) : "The version that answers now"}
      >
        <SelectInput
          placeholder={service ? "Choose a version" : "Choose a service first"}
          value={draft.stable}
          onChange={(stable) => set({ stable })}
          testId="field-stable"
          choices={choices}
        />
      </PathField>
      <Field
        group
        label="To"
        hint={starts ? "Its pods start beside the others, without a call, when the release begins" : undefined}
      >
        <Segmented
          label="To"
          value={starts ? "new" : "running"}
          options={[
            { value: "running", label: "A version that runs" },
            { value: "new", label: "Start a new version" },
          ]}
          onChange={(way) => {
            if (way === "new" && !starts) {
              set({
                start: { ...usualVersion, command: [], image: running?.image ?? "" },
                canary: nextVersion(
                  draft.stable,
                  versions.map(({ version }) => version),
                ),
              });
            } else if (way === "running" && starts) {
              set({ start: null, canary: others[0]?.value ?? "" });
            }
          }}
        />
      </Field>
      {starts ? (
        <NewVersionFields form={form} />
      ) : (
        <PathField
          name="canary"
          label="New version"
          warning={
            service && draft.canary !== "" && !others.some(({ value }) => value === draft.canary)
              ? `No pod of ${draft.canary} runs now.`
              : undefined
          }
          hint={service && others.length === 0 ? "No other version of it runs. Start one." : undefined}
        >
          <SelectInput
            placeholder={service ? "Choose a version" : "Choose a service first"}
            value={draft.canary}
            onChange={(canary) => set({ canary })}
            testId="field-canary"
            choices={others}
          />
        </PathField>
      )}
    </>
  );
}

function NewVersionFields({ form: { draft, set } }: ReleaseFieldsProps) {
  const { start } = draft;
  if (start === null) {
    return null;
  }
  return (
    <>
      <div className="two">
        <TextField
          name="canary"
          label="Name"
          mono
          value={draft.canary}
          placeholder="v2"
          onChange={(canary) => set({ canary: canary.trim() })}
        />
        <NumberField
          name="start.replicas"
          label="Pods"
          min={1}
          max={50}
          optional
          hint="Empty: as many as the version that runs"
          value={start.replicas}
          onChange={(replicas) => set({ start: { ...start, replicas } })}
        />
      </div>
      <TextField
        name="start.image"
        label="Image"
        mono
        optional={start.command.length > 0}
        value={start.image}
        placeholder="registry.example.com/web-api:2.1.0"
        hint={
          start.command.length > 0
            ? "Empty: as the version that runs"
            : "Another image, or the same one with another command below"
        }
        onChange={(image) => set({ start: { ...start, image: image.trim() } })}
      />
      <More inside="another command" names={["start.command"]} used={start.command.length > 0}>
        <CommandField command={start.command} onChange={(command) => set({ start: { ...start, command } })} />
      </More>
    </>
  );
}

function detailOf({ pods, readyPods, rps }: ReleaseService["versions"][number]): string {
  const ready = readyPods === pods ? plural(pods, "pod") : `${readyPods} of ${plural(pods, "pod")} ready`;
  return rps > 0 ? `${ready}, ${textOf(rate(rps))}` : ready;
}

const imageOf = ({ image }: ReleaseService["versions"][number]) =>
  image === "" ? undefined : <span className="mono trunc">{image}</span>;
