"use client";

import type { GoldenPathOptions } from "@/server/contracts/golden-paths.ts";
import type { Draft } from "../form/draft.ts";
import { NumberInput } from "../inputs/number-input.tsx";
import { AddButton, RemoveButton } from "../inputs/row-button.tsx";
import { SuggestInput } from "../inputs/suggest-input.tsx";
import { PathField } from "./path-field.tsx";

type Overrides = Draft<"rate-limit">["limits"][number]["overrides"];

interface OverridesFieldProps {
  readonly name: string;
  readonly per: "caller" | "header";
  readonly identities: GoldenPathOptions["identities"];
  readonly overrides: Overrides;
  readonly onChange: (overrides: Overrides) => void;
}

/** Other numbers for single callers or header values. */
export function OverridesField({ name, per, identities, overrides, onChange }: OverridesFieldProps) {
  const put = (index: number, change: Partial<Overrides[number]>) =>
    onChange(overrides.map((entry, at) => (at === index ? { ...entry, ...change } : entry)));
  const what = per === "caller" ? "Caller" : "Header value";
  const suggestions =
    per === "caller"
      ? identities.map(({ namespace, serviceAccount, services }) => ({
          value: `${namespace}/${serviceAccount}`,
          detail: services.slice(0, 2).join(", "),
        }))
      : [];
  return (
    <PathField
      name={name}
      group
      optional
      label={per === "caller" ? "Other numbers for single callers" : "Other numbers for single values"}
    >
      <div className="rows">
        {overrides.map((entry, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an entry is known by its place while it is typed
          <div className="row-fields is-timed" key={index}>
            <SuggestInput
              label={`${what} ${index + 1}`}
              placeholder={per === "caller" ? "namespace/account" : "value"}
              value={entry.value}
              suggestions={suggestions}
              onChange={(value) => put(index, { value: value.trim() })}
            />
            <NumberInput
              label={`At most, ${what.toLowerCase()} ${index + 1}`}
              min={1}
              value={entry.requests}
              onChange={(requests) => put(index, { requests })}
            />
            <RemoveButton
              label={`Remove ${entry.value === "" ? `${what.toLowerCase()} ${index + 1}` : entry.value}`}
              onClick={() => onChange(overrides.filter((_, at) => at !== index))}
            />
          </div>
        ))}
        {overrides.length < 64 && (
          <AddButton onClick={() => onChange([...overrides, { value: "", requests: null }])}>
            {per === "caller" ? "Add a caller" : "Add a value"}
          </AddButton>
        )}
      </div>
    </PathField>
  );
}
