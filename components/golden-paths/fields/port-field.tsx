"use client";

import type { ServiceOption } from "../form/path-form.ts";
import { PathField } from "./path-field.tsx";
import { SelectInput } from "./select-input.tsx";

interface PortFieldProps {
  readonly name?: string;
  readonly service: ServiceOption | undefined;
  readonly port: number | null;
  readonly onChange: (port: number) => void;
}

/** One port of the chosen service. */
export function PortField({ name = "port", service, port, onChange }: PortFieldProps) {
  return (
    <PathField name={name} label="Port">
      <SelectInput
        placeholder={service ? "Choose a port" : "Choose a service first"}
        value={port === null ? "" : String(port)}
        onChange={(value) => onChange(Number(value))}
        testId={`field-${name.replaceAll(".", "-")}`}
        choices={(service?.ports ?? []).map((option) => ({
          value: String(option.port),
          label: String(option.port),
          detail: option.name,
        }))}
      />
    </PathField>
  );
}
