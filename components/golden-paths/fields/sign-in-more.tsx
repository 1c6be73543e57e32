"use client";

import type { PathForm, ServiceOption } from "../form/path-form.ts";
import { suggestNames } from "../form/seen-words.ts";
import { More } from "../inputs/more.tsx";
import { Rows } from "../inputs/rows.tsx";
import { SuggestInput } from "../inputs/suggest-input.tsx";
import { TextInput } from "../inputs/text-input.tsx";
import { Toggle } from "../inputs/toggle.tsx";
import { PathField } from "./path-field.tsx";
import { PathsField } from "./paths-field.tsx";
import { SelectInput } from "./select-input.tsx";
import { TokensField } from "./tokens-field.tsx";

interface SignInMoreProps {
  readonly form: PathForm<"require-sign-in">;
  readonly service: ServiceOption | undefined;
}

const places = [
  { value: "authorization", label: "Authorization header", title: "" },
  { value: "header", label: "Another header", title: "Name of the header" },
  { value: "query", label: "The address (query)", title: "Name of the parameter" },
  { value: "cookie", label: "A cookie", title: "Name of the cookie" },
] as const;

/** What is seldom asked about signing in: where the token is, open paths, what the service is told. */
export function SignInMore({ form, service }: SignInMoreProps) {
  const { draft, set } = form;
  const { audiences, tokenFrom, tokenName, openPaths, claimHeaders, forwardToken } = draft;
  const used =
    audiences.length + openPaths.length + claimHeaders.length > 0 || tokenFrom !== "authorization" || !forwardToken;
  const place = places.find(({ value }) => value === tokenFrom) ?? places[0];
  return (
    <More
      inside="audiences, open paths, where the token is"
      names={["audiences", "tokenFrom", "tokenName", "openPaths", "claimHeaders", "forwardToken"]}
      used={used}
    >
      <TokensField
        name="audiences"
        label="For audiences"
        placeholder="Any audience"
        hint="A token for one of them is enough"
        values={audiences}
        onChange={(next) => set({ audiences: next })}
      />
      <PathsField
        name="openPaths"
        label="Paths without sign-in"
        nothing="None: every path needs a token"
        service={service}
        paths={openPaths}
        onChange={(next) => set({ openPaths: next })}
      />
      <PathField name={["tokenFrom", "tokenName"]} group label="Where the token is">
        <div className={tokenFrom === "authorization" ? undefined : "two"}>
          <SelectInput
            label="Where the token is"
            placeholder=""
            value={tokenFrom}
            testId="field-tokenFrom"
            choices={places}
            onChange={(value) => {
              const next = places.find((option) => option.value === value)?.value ?? "authorization";
              set({ tokenFrom: next, ...(next === "authorization" && { tokenName: "" }) });
            }}
          />
          {tokenFrom !== "authorization" && (
            <TextInput
              mono
              label={place.title}
              placeholder={place.title}
              value={tokenName}
              testId="field-tokenName"
              onChange={(name) => set({ tokenName: name.trim() })}
            />
          )}
        </div>
      </PathField>
      <PathField name="claimHeaders" group optional label="Tell the service">
        <Rows
          entries={claimHeaders}
          onChange={(next) => set({ claimHeaders: next })}
          fresh={() => ({ claim: "", header: "" })}
          max={16}
          add="A claim as a header"
          look="is-claim"
          nameOf={({ claim }, index) => (claim === "" ? `claim ${index + 1}` : claim)}
        >
          {(entry, put, index) => (
            <>
              <SuggestInput
                label={`Claim ${index + 1}`}
                placeholder="claim"
                value={entry.claim}
                suggestions={suggestNames(service?.seen.claims)}
                onChange={(claim) => put({ claim: claim.trim() })}
              />
              <TextInput
                mono
                label={`As header ${index + 1}`}
                placeholder="as header"
                value={entry.header}
                onChange={(header) => put({ header })}
              />
            </>
          )}
        </Rows>
      </PathField>
      <Toggle title="Hand the token on" checked={forwardToken} onChange={(next) => set({ forwardToken: next })}>
        The service gets it too
      </Toggle>
    </More>
  );
}
