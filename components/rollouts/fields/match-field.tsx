"use client";

import type { ReleaseMatch } from "@/server/contracts/golden-paths/release.ts";
import { PathField } from "../../golden-paths/fields/path-field.tsx";
import { SelectInput } from "../../golden-paths/fields/select-input.tsx";
import { suggestNames } from "../../golden-paths/form/seen-words.ts";
import { AddButton, RemoveButton } from "../../golden-paths/inputs/row-button.tsx";
import { SuggestInput } from "../../golden-paths/inputs/suggest-input.tsx";
import { TextInput } from "../../golden-paths/inputs/text-input.tsx";
import type { ReleaseFieldsProps } from "../form/release-form.ts";

const most = 4;

const ways = [
  { value: "header", label: "Header" },
  { value: "cookie", label: "Cookie" },
  { value: "caller", label: "Caller" },
] as const;

const emptyMatch: Readonly<Record<ReleaseMatch["by"], ReleaseMatch>> = {
  header: { by: "header", name: "x-canary", value: "true" },
  cookie: { by: "cookie", name: "canary", value: "true" },
  caller: { by: "caller", namespace: "", serviceAccount: "" },
};

/** Calls that always get to the new version: by a header, a cookie, or who calls. Any of them. */
export function MatchField({ form: { draft, identities, seen, set } }: ReleaseFieldsProps) {
  const { match } = draft;
  const put = (at: number, next: ReleaseMatch) =>
    set({ match: match.map((one, index) => (index === at ? next : one)) });
  return (
    <PathField
      name="match"
      group
      optional={draft.kind !== "header-canary" && draft.kind !== "ab-test"}
      label={`Always to ${draft.canary === "" ? "the new version" : draft.canary}`}
      hint={
        match.length === 0
          ? "Nobody can reach it on purpose while it has no share"
          : "Whatever its share is. Services in between must pass a header on; that is checked."
      }
    >
      <div className="rows">
        {match.map((one, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a rule is known by its place while it is typed
          <div className="row-fields is-match" key={at}>
            <SelectInput
              label={`What rule ${at + 1} looks at`}
              placeholder=""
              value={one.by}
              testId={`match-by-${at}`}
              onChange={(value) => put(at, emptyMatch[ways.find((way) => way.value === value)?.value ?? "header"])}
              choices={ways}
            />
            {one.by === "caller" ? (
              <SelectInput
                label={`Caller of rule ${at + 1}`}
                placeholder="Choose a caller"
                value={one.serviceAccount === "" ? "" : `${one.namespace}/${one.serviceAccount}`}
                testId={`match-caller-${at}`}
                onChange={(key) => {
                  const [namespace = "", serviceAccount = ""] = key.split("/");
                  put(at, { by: "caller", namespace, serviceAccount });
                }}
                choices={identities.map(({ namespace, serviceAccount }) => ({
                  value: `${namespace}/${serviceAccount}`,
                  label: serviceAccount,
                  detail: namespace,
                }))}
              />
            ) : (
              <span className="match-pair">
                {one.by === "header" ? (
                  <SuggestInput
                    label={`Header of rule ${at + 1}`}
                    value={one.name}
                    suggestions={suggestNames(seen?.headers)}
                    testId={`match-name-${at}`}
                    onChange={(name) => put(at, { ...one, name })}
                  />
                ) : (
                  <TextInput
                    mono
                    label={`Cookie of rule ${at + 1}`}
                    value={one.name}
                    testId={`match-name-${at}`}
                    onChange={(name) => put(at, { ...one, name })}
                  />
                )}
                <TextInput
                  mono
                  label={`Value of rule ${at + 1}`}
                  value={one.value}
                  before={<span className="aff">is</span>}
                  testId={`match-value-${at}`}
                  onChange={(value) => put(at, { ...one, value })}
                />
              </span>
            )}
            <RemoveButton
              label={`Remove rule ${at + 1}`}
              onClick={() => set({ match: match.filter((_, index) => index !== at) })}
            />
          </div>
        ))}
        {match.length < most && (
          <AddButton testId="add-match" onClick={() => set({ match: [...match, emptyMatch.header] })}>
            {match.length === 0 ? "Let a header lead to it" : "Add a rule"}
          </AddButton>
        )}
      </div>
    </PathField>
  );
}
