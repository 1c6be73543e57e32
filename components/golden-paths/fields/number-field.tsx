"use client";

import { NumberInput } from "../inputs/number-input.tsx";
import { PathField } from "./path-field.tsx";

interface NumberFieldProps {
  readonly name: string;
  readonly label: string;
  readonly value: number | null;
  readonly onChange: (value: number | null) => void;
  readonly hint?: string;
  readonly unit?: string;
  readonly step?: number;
  readonly min?: number;
  readonly max?: number;
  readonly optional?: boolean;
  readonly placeholder?: string;
}

/** A number with its name, unit and range. */
export function NumberField({ name, label, hint, optional = false, ...input }: NumberFieldProps) {
  return (
    <PathField name={name} label={label} hint={hint} optional={optional} range="number">
      <NumberInput {...input} testId={`field-${name.replaceAll(".", "-")}`} />
    </PathField>
  );
}
