"use client";

import { Plus, X } from "lucide-react";
import { useId } from "react";
import { Button, IconButton } from "../ui/button.tsx";
import type { Pair } from "./what-if-state.ts";

interface PairRowsProps {
  readonly rows: readonly Pair[];
  readonly onChange: (rows: readonly Pair[]) => void;
  /** What a row is: "header". */
  readonly what: string;
  /** Names to offer. */
  readonly names: readonly string[];
}

/** Names with values, one row each. */
export function PairRows({ rows, onChange, what, names }: PairRowsProps) {
  const list = useId();
  const replace = (index: number, pair: Pair) => onChange(rows.map((row, at) => (at === index ? pair : row)));
  return (
    <>
      <datalist id={list}>
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      {rows.map(([name, value], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place
        <div key={index} className="try-line">
          <span className="input" style={{ width: 150 }}>
            <input
              className="mono"
              aria-label={`Name of the ${what}`}
              list={list}
              spellCheck={false}
              value={name}
              onChange={(event) => replace(index, [event.target.value, value])}
            />
          </span>
          <span className="input grow">
            <input
              className="mono"
              aria-label={`Value of the ${what}`}
              spellCheck={false}
              value={value}
              onChange={(event) => replace(index, [name, event.target.value])}
            />
          </span>
          <IconButton
            icon={X}
            label={`Remove this ${what}`}
            onClick={() => onChange(rows.filter((_, at) => at !== index))}
          />
        </div>
      ))}
      <span>
        <Button size="s" look="ghost" icon={Plus} onClick={() => onChange([...rows, ["", ""]])}>
          Add a {what}
        </Button>
      </span>
    </>
  );
}
