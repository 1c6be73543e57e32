"use client";

import type { ServiceOption } from "../form/path-form.ts";
import { methodsOf, seenMethods } from "../form/seen-words.ts";
import { Chips } from "../inputs/chips.tsx";
import { PathField } from "./path-field.tsx";

interface MethodsFieldProps {
  readonly name: string;
  readonly service: ServiceOption | undefined;
  readonly methods: readonly string[];
  readonly onChange: (methods: string[]) => void;
}

/** Methods as toggles, the seen ones first; none means every method. */
export function MethodsField({ name, service, methods, onChange }: MethodsFieldProps) {
  return (
    <PathField
      name={name}
      group
      optional
      label="Methods"
      hint={[methods.length === 0 ? "Every method" : "", seenMethods(service?.seen)].filter(Boolean).join(". ")}
    >
      <Chips
        chips={methodsOf(service?.seen, methods).map((value) => ({ value }))}
        chosen={new Set(methods)}
        onToggle={(method, on) => onChange(on ? [...methods, method] : methods.filter((other) => other !== method))}
      />
    </PathField>
  );
}
