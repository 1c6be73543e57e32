"use client";

import { type FieldsProps, serviceOf } from "../form/path-form.ts";
import { PlacesView } from "./places-view.tsx";
import { ServiceField } from "./service-field.tsx";

/** The service whose calls never leave the region, and where its pods run. */
export function KeepInRegionFields({ form }: FieldsProps<"keep-in-region">) {
  const { draft, options, forward } = form;
  return (
    <>
      <ServiceField form={form} label="Service that keeps the data" layer7 />
      <PlacesView service={serviceOf(options, draft.service)} />
      {forward && (
        <p className="cap">
          Calls stay in the region where they begin. Without a pod there they fail; they never leave the region.
        </p>
      )}
    </>
  );
}
