"use client";

import type { PathForm, ServiceOption } from "../form/path-form.ts";
import { suggestNames } from "../form/seen-words.ts";
import { More } from "../inputs/more.tsx";
import { AddButton, RemoveButton } from "../inputs/row-button.tsx";
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
  const put = (index: number, change: Partial<(typeof claimHeaders)[number]>) =>
    set({ claimHeaders: claimHeaders.map((entry, at) => (at === index ? { ...entry, ...change } : entry)) });
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
        <div className="rows">
          {claimHeaders.map((entry, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: an entry is known by its place while it is typed
            <div className="row-fields is-claim" key={index}>
              <SuggestInput
                label={`Claim ${index + 1}`}
                placeholder="claim"
                value={entry.claim}
                suggestions={suggestNames(service?.seen.claims)}
                onChange={(claim) => put(index, { claim: claim.trim() })}
              />
              <TextInput
                mono
                label={`As header ${index + 1}`}
                placeholder="as header"
                value={entry.header}
                onChange={(header) => put(index, { header })}
              />
              <RemoveButton
                label={`Remove ${entry.claim === "" ? `claim ${index + 1}` : entry.claim}`}
                onClick={() => set({ claimHeaders: claimHeaders.filter((_, at) => at !== index) })}
              />
            </div>
          ))}
          {claimHeaders.length < 16 && (
            <AddButton onClick={() => set({ claimHeaders: [...claimHeaders, { claim: "", header: "" }] })}>
              A claim as a header
            </AddButton>
          )}
        </div>
      </PathField>
      <Toggle title="Hand the token on" checked={forwardToken} onChange={(next) => set({ forwardToken: next })}>
        The service gets it too
      </Toggle>
    </More>
  );
}
