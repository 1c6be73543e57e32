"use client";

import { type HeaderCondition, headerCondition } from "@/server/contracts/golden-paths/parts.ts";
import { emptyOf } from "../form/draft-of-schema.ts";
import type { ServiceOption } from "../form/path-form.ts";
import { suggestNames } from "../form/seen-words.ts";
import { AddButton, RemoveButton } from "../inputs/row-button.tsx";
import { SuggestInput } from "../inputs/suggest-input.tsx";
import { TokensInput } from "../inputs/tokens-input.tsx";
import { PathField } from "./path-field.tsx";
import { SelectInput } from "./select-input.tsx";

interface HeadersFieldProps {
  readonly name: string;
  readonly service: ServiceOption | undefined;
  readonly headers: readonly HeaderCondition[];
  readonly onChange: (headers: HeaderCondition[]) => void;
}

const matches = [
  { value: "present", label: "is present" },
  { value: "absent", label: "is absent" },
  { value: "value", label: "is" },
  { value: "not-value", label: "is not" },
] as const;

/** What headers must be like: all of them. Names that were seen are suggested. */
export function HeadersField({ name, service, headers, onChange }: HeadersFieldProps) {
  const put = (index: number, change: Partial<HeaderCondition>) =>
    onChange(headers.map((header, at) => (at === index ? { ...header, ...change } : header)));
  return (
    <PathField
      name={name}
      group
      optional
      label="Only with headers"
      hint={headers.length > 0 ? "All of them; a value may begin or end with *" : undefined}
    >
      <div className="rows">
        {headers.map((header, index) => {
          const valued = header.match === "value" || header.match === "not-value";
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a header is known by its place while it is typed
            <div className="row-group" key={index}>
              <div className="row-fields is-header">
                <SuggestInput
                  label={`Header ${index + 1}`}
                  value={header.name}
                  placeholder="x-request-id"
                  suggestions={suggestNames(service?.seen.headers)}
                  testId={`header-name-${index}`}
                  onChange={(value) => put(index, { name: value })}
                />
                <SelectInput
                  label={`What header ${index + 1} must be`}
                  placeholder=""
                  value={header.match}
                  testId={`header-match-${index}`}
                  onChange={(value) => {
                    const match = matches.find((option) => option.value === value)?.value ?? "present";
                    const bare = match === "present" || match === "absent";
                    put(index, { match, ...(bare && { values: [] }) });
                  }}
                  choices={matches}
                />
                <RemoveButton
                  label={`Remove ${header.name === "" ? `header ${index + 1}` : header.name}`}
                  onClick={() => onChange(headers.filter((_, at) => at !== index))}
                />
              </div>
              {valued && (
                <TokensInput
                  label={`Values of header ${index + 1}`}
                  placeholder="Value, then Enter"
                  values={header.values}
                  testId={`header-values-${index}`}
                  onChange={(values) => put(index, { values })}
                />
              )}
            </div>
          );
        })}
        {headers.length < 8 && (
          <AddButton
            testId="add-header"
            onClick={() => onChange([...headers, emptyOf(headerCondition) as HeaderCondition])}
          >
            {headers.length === 0 ? "Ask for a header" : "Add a header"}
          </AddButton>
        )}
      </div>
    </PathField>
  );
}
