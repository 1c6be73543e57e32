"use client";

import type { DurationUnit } from "../form/duration-text.ts";
import { DurationInput } from "../inputs/duration-input.tsx";
import { PathField } from "./path-field.tsx";

interface DurationFieldProps {
  readonly name: string;
  readonly label: string;
  readonly value: string | null;
  readonly onChange: (value: string) => void;
  readonly hint?: string | undefined;
  readonly optional?: boolean;
  readonly placeholder?: string;
  readonly unit?: DurationUnit;
}

/** A duration with its name and range. */
export function DurationField({ name, label, hint, optional = false, ...input }: DurationFieldProps) {
  return (
    <PathField name={name} label={label} hint={hint} optional={optional} range="duration">
      <DurationInput {...input} testId={`field-${name.replaceAll(".", "-")}`} />
    </PathField>
  );
}
