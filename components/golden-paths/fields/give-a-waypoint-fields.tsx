"use client";

import type { FieldsProps } from "../form/path-form.ts";
import { More } from "../inputs/more.tsx";
import { NamespacesField } from "./namespaces-field.tsx";
import { NumberField } from "./number-field.tsx";

/** Which namespaces get a waypoint, and of what size. */
export function GiveAWaypointFields({ form: { slug, options, forward, draft, set } }: FieldsProps<"give-a-waypoint">) {
  return (
    <>
      <NamespacesField
        slug={slug}
        options={options}
        forward={forward}
        namespaces={draft.namespaces}
        onChange={(namespaces) => set({ namespaces })}
      />
      {forward && (
        <More inside="how many pods" names={["replicas"]} used={draft.replicas !== 1}>
          <NumberField
            name="replicas"
            label="Pods of each waypoint"
            hint="With two, one may go without a call being lost"
            value={draft.replicas}
            min={1}
            max={10}
            onChange={(replicas) => set({ replicas })}
          />
        </More>
      )}
    </>
  );
}
