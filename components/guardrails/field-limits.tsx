"use client";

import type { PathRule } from "@/server/contracts/guardrails.ts";
import { durationMs, durationText } from "../golden-paths/form/duration-text.ts";
import { AmountInput } from "./amount-input.tsx";
import { withDefault, withRange } from "./draft.ts";
import { type GuardedField, guardedFields, hasDefault, hasRange } from "./guarded-fields.ts";

interface FieldLimitsProps {
  readonly rule: PathRule;
  readonly onChange: (rule: PathRule) => void;
}

/** Start values and limits of a path's fields. */
export function FieldLimits({ rule, onChange }: FieldLimitsProps) {
  const fields = guardedFields[rule.slug] ?? [];
  return (
    <table className="table is-dense limits" aria-label="Start values and limits">
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">The form starts with</th>
          <th scope="col">At least</th>
          <th scope="col">At most</th>
        </tr>
      </thead>
      <tbody>
        {fields.map((field) => {
          const range = rule.ranges.find((known) => known.field === field.field);
          return (
            <tr key={field.field}>
              <th scope="row">{field.label}</th>
              <td>
                {hasDefault(field) ? (
                  <StartValue
                    field={field}
                    value={rule.defaults[field.field]}
                    onChange={(value) => onChange(withDefault(rule, field.field, value))}
                  />
                ) : (
                  <span className="t3">–</span>
                )}
              </td>
              {(["min", "max"] as const).map((side) => (
                <td key={side}>
                  {hasRange(field) ? (
                    <AmountInput
                      kind={field.kind}
                      label={`${field.label}, ${side === "min" ? "at least" : "at most"}`}
                      value={range?.[side] ?? null}
                      onChange={(value) => onChange(withRange(rule, field.field, side, value))}
                    />
                  ) : (
                    <span className="t3">–</span>
                  )}
                </td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

interface StartValueProps {
  readonly field: GuardedField;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
}

function StartValue({ field, value, onChange }: StartValueProps) {
  const label = `${field.label}, the form starts with`;
  switch (field.kind) {
    case "number":
      return (
        <AmountInput
          kind="number"
          label={label}
          value={typeof value === "number" ? value : null}
          onChange={(next) => onChange(next ?? undefined)}
        />
      );
    case "duration":
      return (
        <AmountInput
          kind="duration"
          label={label}
          value={typeof value === "string" ? (durationMs(value) ?? null) : null}
          onChange={(next) => onChange(next === null ? undefined : durationText(next))}
        />
      );
    case "text":
      return (
        <span className="input">
          <input
            aria-label={label}
            placeholder="–"
            maxLength={2048}
            value={typeof value === "string" ? value : ""}
            onChange={(event) => onChange(event.target.value === "" ? undefined : event.target.value)}
          />
        </span>
      );
    default: {
      const choices =
        field.kind === "switch"
          ? [
              { value: "true", label: "yes" },
              { value: "false", label: "no" },
            ]
          : (field.choices ?? []);
      return (
        <span className="input">
          <select
            aria-label={label}
            value={value === undefined ? "" : String(value)}
            onChange={({ target: { value: next } }) =>
              onChange(next === "" ? undefined : field.kind === "switch" ? next === "true" : next)
            }
          >
            <option value="">–</option>
            {choices.map((choice) => (
              <option key={choice.value} value={choice.value}>
                {choice.label}
              </option>
            ))}
          </select>
        </span>
      );
    }
  }
}
