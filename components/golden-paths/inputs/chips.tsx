"use client";

import type { ReactNode } from "react";

/** A choice of several that are all in view. */
export interface Chip {
  readonly value: string;
  readonly detail?: ReactNode;
}

interface ChipsProps {
  readonly chips: readonly Chip[];
  readonly chosen: ReadonlySet<string>;
  readonly onToggle: (value: string, on: boolean) => void;
  /** What stands there when there is nothing to choose from. */
  readonly empty?: ReactNode;
  /** At the end of the row: adding another one. */
  readonly children?: ReactNode;
}

/** Toggles side by side. */
export function Chips({ chips, chosen, onToggle, empty, children }: ChipsProps) {
  return (
    <div className="checks">
      {chips.map(({ value, detail }) => (
        <label key={value} className={chosen.has(value) ? "check is-on" : "check"}>
          <input
            type="checkbox"
            className="vh"
            checked={chosen.has(value)}
            onChange={(event) => onToggle(value, event.target.checked)}
          />
          {value} {detail && <span className="t3">{detail}</span>}
        </label>
      ))}
      {chips.length === 0 && <span className="cap">{empty}</span>}
      {children}
    </div>
  );
}
