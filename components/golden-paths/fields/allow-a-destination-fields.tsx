"use client";

import { type FieldsProps, inForceAnywhere } from "../form/path-form.ts";
import { More } from "../inputs/more.tsx";
import { IdentitiesField } from "./callers-field.tsx";
import { DestinationPortsField } from "./destination-ports-field.tsx";
import { InForceNote } from "./in-force-note.tsx";
import { PathField } from "./path-field.tsx";
import { SelectInput } from "./select-input.tsx";
import { TextField } from "./text-field.tsx";
import { TokensField } from "./tokens-field.tsx";

/** Which host outside may be called, at which ports, by whom. */
export function AllowADestinationFields({ form }: FieldsProps<"allow-a-destination">) {
  const { draft, options, set, forward } = form;
  return (
    <>
      <InForceNote form={form} entries={inForceAnywhere(form.slug, options)} about="destinations outside" />
      <TextField
        name="host"
        label="Destination"
        placeholder="api.example.com"
        hint="Its host name; every other one stays as it is"
        mono
        value={draft.host}
        onChange={(host) => set({ host })}
      />
      <DestinationPortsField ports={draft.ports} onChange={(ports) => set({ ports })} />
      <IdentitiesField
        label={forward ? "Who may call it" : "Who no longer may"}
        options={options}
        callers={draft.callers}
        onChange={(callers) => {
          const [first] = callers;
          set({ callers, ...(draft.namespace === "" && first && { namespace: first.namespace }) });
        }}
      />
      <PathField name="namespace" label="Kept in" hint="Its owners decide about the destination">
        <SelectInput
          placeholder="Choose a namespace"
          testId="field-namespace"
          value={draft.namespace}
          onChange={(namespace) => set({ namespace })}
          choices={options.namespaces.map(({ name, team, mine }) => ({
            value: name,
            label: name,
            detail: mine ? "" : `team ${team === "" ? "none" : team}`,
          }))}
        />
      </PathField>
      {forward && (
        <More inside="fixed addresses" names={["addresses"]} used={draft.addresses.length > 0}>
          <TokensField
            name="addresses"
            label="Fixed addresses"
            placeholder="The host is looked up"
            hint="Calls go to these, whatever the name says"
            values={draft.addresses}
            onChange={(addresses) => set({ addresses })}
          />
        </More>
      )}
    </>
  );
}
