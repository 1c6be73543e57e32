"use client";

import { stickiness } from "@/server/contracts/golden-paths/release.ts";
import { NumberField } from "../../golden-paths/fields/number-field.tsx";
import { PathField } from "../../golden-paths/fields/path-field.tsx";
import { SelectInput } from "../../golden-paths/fields/select-input.tsx";
import { TextField } from "../../golden-paths/fields/text-field.tsx";
import { More } from "../../golden-paths/inputs/more.tsx";
import { Toggle } from "../../golden-paths/inputs/toggle.tsx";
import type { ReleaseFieldsProps } from "../form/release-form.ts";

/** A host of its own, whoever got a version keeps it, and what becomes of the old one. */
export function TrafficFields({ form }: ReleaseFieldsProps) {
  const { draft } = form;
  const used = draft.sticky !== null || draft.preview !== null || draft.stopOldAfterMinutes !== null;
  return (
    <>
      {draft.kind === "blue-green" && <PreviewHostFields form={form} />}
      <More
        inside={
          draft.kind === "blue-green"
            ? "keep a version, stop the old one"
            : "host of its own, keep a version, stop the old one"
        }
        names={["sticky", "preview", "stopOldAfterMinutes"]}
        used={used}
      >
        {draft.kind !== "blue-green" && <PreviewHostFields form={form} />}
        <StickyFields form={form} />
        <OldVersionFields form={form} />
      </More>
    </>
  );
}

function PreviewHostFields({ form: { draft, options, set } }: ReleaseFieldsProps) {
  const { preview } = draft;
  const [first] = options.gateways;
  const key = preview?.gateway ? `${preview.gateway.namespace}/${preview.gateway.name}` : "";
  return (
    <>
      <Toggle
        title="A host of its own"
        checked={preview !== null}
        testId="field-preview"
        onChange={(on) => set({ preview: on ? { gateway: first ? { ...first } : null, host: "" } : null })}
      >
        Behind it only the new version answers, from outside, before anybody else gets it
      </Toggle>
      {preview && (
        <div className="two">
          <TextField
            name="preview.host"
            label="Host"
            mono
            placeholder="v2.istioinaction.io"
            value={preview.host}
            onChange={(host) => set({ preview: { ...preview, host: host.trim().toLowerCase() } })}
          />
          <PathField name="preview.gateway" label="Gateway">
            <SelectInput
              placeholder={options.gateways.length === 0 ? "There is no gateway" : "Choose a gateway"}
              value={key}
              onChange={(next) => {
                const [namespace = "", name = ""] = next.split("/");
                set({ preview: { ...preview, gateway: { namespace, name } } });
              }}
              choices={options.gateways.map(({ namespace, name }) => ({
                value: `${namespace}/${name}`,
                label: name,
                detail: namespace,
              }))}
            />
          </PathField>
        </div>
      )}
    </>
  );
}

function StickyFields({ form: { draft, set } }: ReleaseFieldsProps) {
  const { sticky } = draft;
  return (
    <>
      <Toggle
        title="Whoever got a version keeps it"
        checked={sticky !== null}
        testId="field-sticky"
        onChange={(on) => set({ sticky: on ? stickiness.parse({}) : null })}
      >
        By a cookie, for callers that keep cookies
      </Toggle>
      {sticky && (
        <div className="two">
          <TextField
            name="sticky.cookie"
            label="Cookie"
            mono
            value={sticky.cookie}
            onChange={(cookie) => set({ sticky: { ...sticky, cookie: cookie.trim() } })}
          />
          <NumberField
            name="sticky.seconds"
            label="Kept for"
            unit="seconds"
            step={600}
            min={1}
            value={sticky.seconds}
            onChange={(seconds) => set({ sticky: { ...sticky, seconds } })}
          />
        </div>
      )}
    </>
  );
}

function OldVersionFields({ form: { draft, set } }: ReleaseFieldsProps) {
  const { stopOldAfterMinutes } = draft;
  return (
    <>
      <Toggle
        title="Stop the old version at the end"
        checked={stopOldAfterMinutes !== null}
        testId="field-stop-old"
        onChange={(on) => set({ stopOldAfterMinutes: on ? 30 : null })}
      >
        Until then going back is instant; afterwards its pods start first
      </Toggle>
      {stopOldAfterMinutes !== null && (
        <NumberField
          name="stopOldAfterMinutes"
          label="Stopped"
          unit="minutes after it completed"
          step={10}
          value={stopOldAfterMinutes}
          onChange={(minutes) => set({ stopOldAfterMinutes: minutes ?? Number.NaN })}
        />
      )}
    </>
  );
}
