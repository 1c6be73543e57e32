"use client";

import type { GoldenPathOptions } from "@/server/contracts/golden-paths.ts";
import type { Draft } from "../form/draft.ts";
import { NumberInput } from "../inputs/number-input.tsx";
import { Rows } from "../inputs/rows.tsx";
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
      <Rows
        entries={overrides}
        onChange={onChange}
        fresh={() => ({ value: "", requests: null })}
        max={64}
        add={per === "caller" ? "Add a caller" : "Add a value"}
        look="is-timed"
        nameOf={({ value }, index) => (value === "" ? `${what.toLowerCase()} ${index + 1}` : value)}
      >
        {(entry, put, index) => (
          <>
            <SuggestInput
              label={`${what} ${index + 1}`}
              placeholder={per === "caller" ? "namespace/account" : "value"}
              value={entry.value}
              suggestions={suggestions}
              onChange={(value) => put({ value: value.trim() })}
            />
            <NumberInput
              label={`At most, ${what.toLowerCase()} ${index + 1}`}
              min={1}
              value={entry.requests}
              onChange={(requests) => put({ requests })}
            />
          </>
        )}
      </Rows>
    </PathField>
  );
}
