"use client";

import { useState } from "react";
import { exact } from "../../ui/format.ts";
import { dateText, momentOf, untilSpans } from "../form/until-choice.ts";
import { TextInput } from "../inputs/text-input.tsx";
import { PathField } from "./path-field.tsx";
import { SelectInput } from "./select-input.tsx";

interface UntilFieldProps {
  readonly until: number | null;
  readonly onChange: (until: number | null) => void;
}

/** When a rule ends by itself: never, after a usual span, or at a date. */
export function UntilField({ until, onChange }: UntilFieldProps) {
  const [picked, setPicked] = useState<{ readonly span: string; readonly until: number | null }>();
  const span = picked && picked.until === until ? picked.span : until === null ? "never" : "date";
  const pick = (value: string) => {
    const ms = untilSpans.find((option) => option.value === value)?.ms;
    const next = value === "never" ? null : Date.now() + (ms ?? 86_400_000);
    setPicked({ span: value, until: next });
    onChange(next);
  };
  return (
    <PathField
      name="until"
      group
      label="Ends"
      optional
      hint={until === null ? "Stays until somebody takes it back" : `By itself, ${exact(until)}`}
    >
      <div className="rows">
        <SelectInput
          label="Ends"
          placeholder="Never"
          value={span}
          onChange={pick}
          testId="field-until"
          choices={[{ value: "never", label: "Never" }, ...untilSpans, { value: "date", label: "On a date" }]}
        />
        {span === "date" && (
          <TextInput
            type="datetime-local"
            label="Date and time, UTC"
            value={until === null ? "" : dateText(until)}
            after={<span className="aff">UTC</span>}
            onChange={(text) => {
              const moment = momentOf(text);
              if (moment !== undefined) {
                setPicked({ span: "date", until: moment });
                onChange(moment);
              }
            }}
          />
        )}
      </div>
    </PathField>
  );
}
