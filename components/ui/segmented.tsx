"use client";

import type { ReactNode } from "react";

interface SegmentedProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: ReactNode }[];
  readonly onChange: (value: T) => void;
  readonly small?: boolean;
}

/** A choice between few, all in view. */
export function Segmented<T extends string>({ label, value, options, onChange, small = false }: SegmentedProps<T>) {
  return (
    <fieldset className={small ? "seg is-s" : "seg"} aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
        >
          {option.label}
        </button>
      ))}
    </fieldset>
  );
}
