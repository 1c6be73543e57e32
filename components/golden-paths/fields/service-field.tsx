"use client";

import type { GoldenPathOptions } from "@/server/contracts/golden-paths.ts";
import type { FormState } from "../form-state.ts";
import { Field } from "./field.tsx";
import { SelectInput } from "./select-input.tsx";

interface ServiceFieldProps {
  readonly options: GoldenPathOptions;
  readonly form: FormState;
  readonly set: (change: Partial<FormState>) => void;
  readonly error: string | undefined;
}

/** The service that is called; its ports are filled in with it. */
export function ServiceField({ options, form, set, error }: ServiceFieldProps) {
  const { service } = form;
  const value = service ? `${service.namespace}/${service.name}` : "";
  const chosen = options.services.find((option) => `${option.namespace}/${option.name}` === value);
  const choose = (id: string) => {
    const option = options.services.find((candidate) => `${candidate.namespace}/${candidate.name}` === id);
    if (option) {
      set({
        service: { namespace: option.namespace, name: option.name },
        ports: option.ports.map((port) => port.port),
      });
    }
  };
  return (
    <Field
      id="service"
      label="Service that is called"
      error={service && !chosen ? `There is no service ${value}` : error}
      hint={chosen && (chosen.team === "" ? `In ${chosen.namespace}, owned by nobody` : `Owned by team ${chosen.team}`)}
    >
      <SelectInput
        id="service"
        testId="field-service"
        placeholder="Choose a service"
        value={value}
        onChange={choose}
        choices={options.services.map((option) => ({
          value: `${option.namespace}/${option.name}`,
          label: option.name,
          detail: option.namespace,
        }))}
      />
    </Field>
  );
}
