"use client";

import type { ReactNode } from "react";
import { SuggestInput, type Suggestion } from "../inputs/suggest-input.tsx";
import { TextInput } from "../inputs/text-input.tsx";
import { PathField } from "./path-field.tsx";

interface TextFieldProps {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: ReactNode;
  readonly placeholder?: string;
  readonly optional?: boolean;
  readonly mono?: boolean;
  /** What was seen and could be meant. */
  readonly suggestions?: readonly Suggestion[];
}

/** One line of text with its name; with suggestions where something was seen. */
export function TextField({
  name,
  label,
  hint,
  optional = false,
  suggestions,
  mono = false,
  ...input
}: TextFieldProps) {
  const testId = `field-${name.replaceAll(".", "-")}`;
  return (
    <PathField name={name} label={label} hint={hint} optional={optional}>
      {suggestions ? (
        <SuggestInput {...input} label={label} suggestions={suggestions} testId={testId} />
      ) : (
        <TextInput {...input} mono={mono} testId={testId} />
      )}
    </PathField>
  );
}
