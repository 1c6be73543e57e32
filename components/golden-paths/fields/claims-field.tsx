"use client";

import { type ClaimCondition, claimCondition } from "@/server/contracts/golden-paths/access.ts";
import { emptyOf } from "../form/draft-of-schema.ts";
import type { ServiceOption } from "../form/path-form.ts";
import { suggestNames } from "../form/seen-words.ts";
import { Rows } from "../inputs/rows.tsx";
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
  return (
    <PathField
      name="claims"
      group
      optional
      label="Only with claims"
      hint={claims.length === 0 ? "Any valid token is enough" : "All of them; nested ones as realm.roles"}
    >
      <Rows
        entries={claims}
        onChange={onChange}
        fresh={() => emptyOf(claimCondition) as ClaimCondition}
        max={8}
        add={claims.length === 0 ? "Ask for a claim" : "Add a claim"}
        addTestId="add-claim"
        look="is-claim"
        nameOf={({ claim }, index) => (claim === "" ? `claim ${index + 1}` : claim)}
      >
        {(claim, put, index) => (
          <>
            <SuggestInput
              label={`Claim ${index + 1}`}
              placeholder="groups"
              value={claim.claim}
              suggestions={suggestNames(service?.seen.claims)}
              testId={`claim-${index}`}
              onChange={(value) => put({ claim: value.trim() })}
            />
            <TokensInput
              label={`Values of claim ${index + 1}`}
              placeholder="Value, then Enter"
              values={claim.values}
              testId={`claim-values-${index}`}
              onChange={(values) => put({ values })}
            />
          </>
        )}
      </Rows>
    </PathField>
  );
}
