"use client";

import { ChevronDown } from "lucide-react";
import { useState } from "react";
import { useControl } from "../fields/field.tsx";
import {
  composeDuration,
  type DurationParts,
  type DurationUnit,
  durationParts,
  durationUnits,
  stepDuration,
} from "../form/duration-text.ts";

interface DurationInputProps {
  /** As Gateway API writes it; empty or null when there is none. */
  readonly value: string | null;
  readonly onChange: (value: string) => void;
  readonly placeholder?: string;
  /** The unit while the field is empty. */
  readonly unit?: DurationUnit;
  readonly label?: string;
  readonly testId?: string;
}

/** A duration: number and unit; the arrow keys go through sensible steps. */
export function DurationInput({ value, onChange, placeholder, unit = "s", label, testId }: DurationInputProps) {
  const control = useControl();
  const given = value ?? "";
  const [typed, setTyped] = useState<DurationParts & { readonly value: string }>({
    ...durationParts(given, unit),
    value: given,
  });
  const parts = typed.value === given ? typed : durationParts(given, typed.unit);
  const change = (next: DurationParts) => {
    const text = composeDuration(next);
    setTyped({ ...next, value: text });
    onChange(text);
  };
  return (
    <span className="input">
      <input
        {...control}
        type="text"
        inputMode="decimal"
        className="tn"
        value={parts.amount}
        placeholder={placeholder}
        aria-label={label}
        autoComplete="off"
        data-testid={testId}
        onChange={(event) => change({ amount: event.target.value, unit: parts.unit })}
        onBlur={() => setTyped({ ...durationParts(given, parts.unit), value: given })}
        onKeyDown={(event) => {
          const direction = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
          if (direction !== 0) {
            event.preventDefault();
            change(durationParts(stepDuration(given, direction)));
          }
        }}
      />
      <span className="unit-pick">
        <select
          aria-label="Unit"
          value={parts.unit}
          onChange={(event) => change({ amount: parts.amount, unit: event.target.value as DurationUnit })}
        >
          {durationUnits.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
        <ChevronDown className="ic ic-12" aria-hidden="true" />
      </span>
    </span>
  );
}
