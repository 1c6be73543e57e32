"use client";

import { type ClaimCondition, claimCondition } from "@/server/contracts/golden-paths/access.ts";
import { emptyOf } from "../form/draft-of-schema.ts";
import type { ServiceOption } from "../form/path-form.ts";
import { suggestNames } from "../form/seen-words.ts";
import { AddButton, RemoveButton } from "../inputs/row-button.tsx";
import { SuggestInput } from "../inputs/suggest-input.tsx";
import { TokensInput } from "../inputs/tokens-input.tsx";
import { PathField } from "./path-field.tsx";

interface ClaimsFieldProps {
  readonly service: ServiceOption | undefined;
  readonly claims: readonly ClaimCondition[];
  readonly onChange: (claims: ClaimCondition[]) => void;
}

/** Claims of the token that must have one of their values: all of the claims. Names that were seen are suggested. */
export function ClaimsField({ service, claims, onChange }: ClaimsFieldProps) {
  const put = (index: number, change: Partial<ClaimCondition>) =>
    onChange(claims.map((claim, at) => (at === index ? { ...claim, ...change } : claim)));
  return (
    <PathField
      name="claims"
      group
      optional
      label="Only with claims"
      hint={claims.length === 0 ? "Any valid token is enough" : "All of them; nested ones as realm.roles"}
    >
      <div className="rows">
        {claims.map((claim, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a claim is known by its place while it is typed
          <div className="row-fields is-claim" key={index}>
            <SuggestInput
              label={`Claim ${index + 1}`}
              placeholder="groups"
              value={claim.claim}
              suggestions={suggestNames(service?.seen.claims)}
              testId={`claim-${index}`}
              onChange={(value) => put(index, { claim: value.trim() })}
            />
            <TokensInput
              label={`Values of claim ${index + 1}`}
              placeholder="Value, then Enter"
              values={claim.values}
              testId={`claim-values-${index}`}
              onChange={(values) => put(index, { values })}
            />
            <RemoveButton
              label={`Remove ${claim.claim === "" ? `claim ${index + 1}` : claim.claim}`}
              onClick={() => onChange(claims.filter((_, at) => at !== index))}
            />
          </div>
        ))}
        {claims.length < 8 && (
          <AddButton
            testId="add-claim"
            onClick={() => onChange([...claims, emptyOf(claimCondition) as ClaimCondition])}
          >
            {claims.length === 0 ? "Ask for a claim" : "Add a claim"}
          </AddButton>
        )}
      </div>
    </PathField>
  );
}
