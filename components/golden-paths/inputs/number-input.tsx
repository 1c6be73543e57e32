"use client";

import { useState } from "react";
import { useControl } from "../fields/field.tsx";

interface NumberInputProps {
  /** Null when empty, NaN when what was typed is no number. */
  readonly value: number | null;
  readonly onChange: (value: number | null) => void;
  /** Stands after the number: "%", "requests". */
  readonly unit?: string;
  /** What the arrow keys add; 1 unless told. */
  readonly step?: number;
  readonly min?: number;
  readonly max?: number;
  readonly placeholder?: string;
  readonly label?: string;
  readonly testId?: string;
}

function read(text: string): number | null {
  const typed = text
    .trim()
    .replaceAll(/[\s,](?=\d{3}(\D|$))/g, "")
    .replace(",", ".");
  return typed === "" ? null : /^[+-]?\d*\.?\d+$/.test(typed) ? Number(typed) : Number.NaN;
}

const write = (value: number | null): string => (value === null || Number.isNaN(value) ? "" : String(value));

/** A number, with the arrow keys as steps. What cannot be read stays in the field until it is mended. */
export function NumberInput(props: NumberInputProps) {
  const { value, onChange, unit, step = 1, min = 0, max = Number.MAX_SAFE_INTEGER, placeholder, label, testId } = props;
  const control = useControl();
  const [typed, setTyped] = useState({ text: write(value), value });
  const text = Object.is(typed.value, value) ? typed.text : write(value);
  const change = (next: string) => {
    const number = read(next);
    setTyped({ text: next, value: number });
    onChange(number);
  };
  return (
    <span className="input">
      <input
        {...control}
        type="text"
        inputMode="decimal"
        className="tn"
        value={text}
        placeholder={placeholder}
        aria-label={label}
        autoComplete="off"
        data-testid={testId}
        onChange={(event) => change(event.target.value)}
        onKeyDown={(event) => {
          const direction = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
          if (direction !== 0) {
            event.preventDefault();
            const from = value === null || Number.isNaN(value) ? 0 : value;
            change(String(Math.min(max, Math.max(min, Number((from + direction * step).toFixed(2))))));
          }
        }}
      />
      {unit && <span className="aff">{unit}</span>}
    </span>
  );
}
