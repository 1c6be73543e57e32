"use client";

import { type HeaderCondition, headerCondition } from "@/server/contracts/golden-paths/parts.ts";
import { emptyOf } from "../form/draft-of-schema.ts";
import type { ServiceOption } from "../form/path-form.ts";
import { suggestNames } from "../form/seen-words.ts";
import { Rows } from "../inputs/rows.tsx";
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

/** Whether it is there is all that matters: there are no values to name. */
const isBare = (match: HeaderCondition["match"]): boolean => match === "present" || match === "absent";

/** What headers must be like: all of them. Names that were seen are suggested. */
export function HeadersField({ name, service, headers, onChange }: HeadersFieldProps) {
  return (
    <PathField
      name={name}
      group
      optional
      label="Only with headers"
      hint={headers.length > 0 ? "All of them; a value may begin or end with *" : undefined}
    >
      <Rows
        entries={headers}
        onChange={onChange}
        fresh={() => emptyOf(headerCondition) as HeaderCondition}
        max={8}
        add={headers.length === 0 ? "Ask for a header" : "Add a header"}
        addTestId="add-header"
        look="is-header"
        nameOf={(header, index) => (header.name === "" ? `header ${index + 1}` : header.name)}
        below={(header, put, index) =>
          !isBare(header.match) && (
            <TokensInput
              label={`Values of header ${index + 1}`}
              placeholder="Value, then Enter"
              values={header.values}
              testId={`header-values-${index}`}
              onChange={(values) => put({ values })}
            />
          )
        }
      >
        {(header, put, index) => (
          <>
            <SuggestInput
              label={`Header ${index + 1}`}
              value={header.name}
              placeholder="x-request-id"
              suggestions={suggestNames(service?.seen.headers)}
              testId={`header-name-${index}`}
              onChange={(value) => put({ name: value })}
            />
            <SelectInput
              label={`What header ${index + 1} must be`}
              placeholder=""
              value={header.match}
              testId={`header-match-${index}`}
              onChange={(value) => {
                const match = matches.find((option) => option.value === value)?.value ?? "present";
                put({ match, ...(isBare(match) && { values: [] }) });
              }}
              choices={matches}
            />
          </>
        )}
      </Rows>
    </PathField>
  );
}
