"use client";

import { type FieldsProps, serviceOf } from "../form/path-form.ts";
import { CallersField } from "./callers-field.tsx";
import { ServiceField } from "./service-field.tsx";
import { WhichCallsFields } from "./which-calls-fields.tsx";

/** Who may call which service, with which requests, until when. */
export function LetACallerInFields({ form }: FieldsProps<"let-a-caller-in">) {
  const { draft, options, set, forward } = form;
  const service = serviceOf(options, draft.service);
  return (
    <>
      <ServiceField
        form={form}
        label="Service that is called"
        layer7={draft.requests.length > 0}
        onChosen={(option) => set({ ports: option.ports.map(({ port }) => port) })}
        beside={
          <CallersField
            label={forward ? "Callers" : "Callers to withdraw"}
            options={options}
            service={service}
            callers={draft.callers}
            onChange={(callers) => set({ callers })}
          />
        }
      />
      <WhichCallsFields form={form} service={service} />
    </>
  );
}
