"use client";

import { useState } from "react";
import { Chips } from "../inputs/chips.tsx";
import { PathField } from "./path-field.tsx";

interface CodesFieldProps {
  readonly codes: readonly (number | null)[];
  readonly onChange: (codes: number[]) => void;
}

const usual = [500, 502, 503, 504, 429];

/** Answers by status, as toggles; another one can be typed. */
export function CodesField({ codes, onChange }: CodesFieldProps) {
  const [other, setOther] = useState("");
  const chosen = codes.filter((code) => code !== null);
  const all = [...new Set([...usual, ...chosen])].sort((a, b) => a - b);
  const add = () => {
    const code = Number(other);
    setOther("");
    if (Number.isInteger(code) && code > 0 && !chosen.includes(code)) {
      onChange([...chosen, code]);
    }
  };
  return (
    <PathField
      name="codes"
      group
      label="On these answers"
      hint={chosen.length === 0 ? "Only when no connection could be made" : "And whenever no connection could be made"}
    >
      <Chips
        chips={all.map((code) => ({ value: String(code) }))}
        chosen={new Set(chosen.map(String))}
        onToggle={(code, on) =>
          onChange(on ? [...chosen, Number(code)] : chosen.filter((candidate) => String(candidate) !== code))
        }
      >
        <input
          className="input chip-input tn"
          aria-label="Another status"
          placeholder="Other"
          inputMode="numeric"
          maxLength={3}
          value={other}
          onChange={(event) => setOther(event.target.value.replaceAll(/\D/g, ""))}
          onBlur={add}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.metaKey && !event.ctrlKey) {
              event.preventDefault();
              add();
            }
          }}
        />
      </Chips>
    </PathField>
  );
}
