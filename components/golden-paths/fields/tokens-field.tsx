"use client";

import type { Suggestion } from "../inputs/suggest-input.tsx";
import { TokensInput } from "../inputs/tokens-input.tsx";
import { PathField } from "./path-field.tsx";

interface TokensFieldProps {
  readonly name: string;
  readonly label: string;
  readonly values: readonly string[];
  readonly onChange: (values: string[]) => void;
  readonly hint?: string;
  readonly placeholder?: string;
  readonly suggestions?: readonly Suggestion[];
  readonly normalise?: (text: string) => string;
  /** Something must be entered. */
  readonly required?: boolean;
}

/** Several short texts under one name. */
export function TokensField({ name, label, hint, required = false, ...input }: TokensFieldProps) {
  return (
    <PathField name={name} label={label} hint={hint} optional={!required} group>
      <TokensInput {...input} label={label} testId={`field-${name.replaceAll(".", "-")}`} />
    </PathField>
  );
}
