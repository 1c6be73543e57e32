"use client";

import { type FieldsProps, serviceOf } from "../form/path-form.ts";
import { NumberField } from "./number-field.tsx";
import { ServiceField } from "./service-field.tsx";
import { VersionField } from "./version-field.tsx";

/** How calls are shared between two versions that run. */
export function ReleaseAVersionFields({ form }: FieldsProps<"release-a-version">) {
  const { draft, options, set, forward } = form;
  const service = serviceOf(options, draft.service);
  return (
    <>
      <ServiceField form={form} label="Service" layer7 />
      {forward && (
        <>
          <VersionField
            name="stable"
            label="Version that answers now"
            service={service}
            version={draft.stable}
            onChange={(stable) => set({ stable })}
          />
          <VersionField
            name="canary"
            label="New version"
            service={service}
            version={draft.canary ?? ""}
            onChange={(canary) => set({ canary })}
          />
          <NumberField
            name="weight"
            label="Share of the new version"
            unit="% of the requests"
            step={5}
            max={100}
            value={draft.weight}
            onChange={(weight) => set({ weight })}
          />
        </>
      )}
    </>
  );
}
