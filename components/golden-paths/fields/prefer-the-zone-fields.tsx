"use client";

import { Segmented } from "../../ui/segmented.tsx";
import { type FieldsProps, serviceOf } from "../form/path-form.ts";
import { PathField } from "./path-field.tsx";
import { PlacesView } from "./places-view.tsx";
import { ServiceField } from "./service-field.tsx";

/** What is near, and where the pods run. */
export function PreferTheZoneFields({ form }: FieldsProps<"prefer-the-zone">) {
  const { draft, options, set, forward } = form;
  return (
    <>
      <ServiceField form={form} label="Service that is called" />
      {forward && (
        <PathField
          name="near"
          group
          label="What is near"
          hint="Pods farther away answer only when no near one can: first the zone, then the region, then the rest"
        >
          <Segmented
            label="What is near"
            value={draft.near}
            options={[
              { value: "zone", label: "The caller's zone" },
              { value: "node", label: "The caller's node" },
            ]}
            onChange={(near) => set({ near })}
          />
        </PathField>
      )}
      <PlacesView service={serviceOf(options, draft.service)} />
    </>
  );
}
