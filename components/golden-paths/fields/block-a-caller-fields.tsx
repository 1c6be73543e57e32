"use client";

import { Segmented } from "../../ui/segmented.tsx";
import { type FieldsProps, serviceOf } from "../form/path-form.ts";
import { IdentitiesField } from "./callers-field.tsx";
import { PathField } from "./path-field.tsx";
import { ServiceField } from "./service-field.tsx";
import { WhichCallsFields } from "./which-calls-fields.tsx";

/** Who is refused at which service, whatever else lets them in. */
export function BlockACallerFields({ form }: FieldsProps<"block-a-caller">) {
  const { draft, options, set, forward } = form;
  const service = serviceOf(options, draft.service);
  return (
    <>
      <ServiceField
        form={form}
        label="Service that is called"
        layer7={draft.requests.length > 0}
        onChosen={(option) => set({ ports: option.ports.map(({ port }) => port) })}
      />
      <PathField
        name="who"
        group
        label={forward ? "Who is refused" : "Which block is lifted"}
        hint={
          draft.who === "these"
            ? "Refused whatever else lets them in"
            : "Everybody else is refused, also those who have no identity"
        }
      >
        <Segmented
          label="Who is refused"
          value={draft.who}
          options={[
            { value: "these", label: "These callers" },
            { value: "all-but", label: "Everybody but these" },
          ]}
          onChange={(who) => set({ who })}
        />
      </PathField>
      <IdentitiesField
        label={draft.who === "these" ? "Callers" : "Callers that may go on"}
        options={options}
        service={service}
        callers={draft.callers}
        onChange={(callers) => set({ callers })}
      />
      <WhichCallsFields form={form} service={service} />
    </>
  );
}
