"use client";

import { useState } from "react";
import { durationMs, durationText } from "../golden-paths/form/duration-text.ts";
import type { GuardedField } from "./guarded-fields.ts";

interface AmountInputProps {
  readonly kind: GuardedField["kind"];
  readonly label: string;
  /** A number, or milliseconds; null: nothing is set. */
  readonly value: number | null;
  readonly onChange: (value: number | null) => void;
}

/** A number or a time, or nothing. What cannot be read is marked and changes nothing. */
export function AmountInput({ kind, label, value, onChange }: AmountInputProps) {
  const given = value === null ? "" : kind === "duration" ? durationText(value) : String(value);
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? given;
  const read = (input: string): number | null | undefined => {
    if (input.trim() === "") {
      return null;
    }
    const amount = kind === "duration" ? durationMs(input.trim()) : Number(input);
    return amount === undefined || Number.isNaN(amount) ? undefined : amount;
  };
  const wrong = read(text) === undefined;
  return (
    <span className={wrong ? "input is-error" : "input"}>
      <input
        className="tn"
        aria-label={label}
        aria-invalid={wrong || undefined}
        title={wrong ? (kind === "duration" ? "A time such as 250ms, 5s or 1m" : "A number") : undefined}
        inputMode={kind === "duration" ? "text" : "decimal"}
        placeholder="–"
        value={text}
        onChange={(event) => {
          setTyped(event.target.value);
          const amount = read(event.target.value);
          if (amount !== undefined) {
            onChange(amount);
          }
        }}
        onBlur={() => !wrong && setTyped(null)}
      />
    </span>
  );
}
