"use client";

import type { IssuerKeys } from "@/server/contracts/golden-paths/access.ts";
import { Segmented } from "../../ui/segmented.tsx";
import { TextInput } from "../inputs/text-input.tsx";
import { PathField } from "./path-field.tsx";

interface KeysFieldProps {
  readonly keys: IssuerKeys;
  readonly onChange: (keys: IssuerKeys) => void;
}

/** Keys of the issuer: by the address where they are published, or pasted. */
export function KeysField({ keys, onChange }: KeysFieldProps) {
  return (
    <PathField
      name="keys"
      group
      label="Its keys"
      hint={
        keys.kind === "url" ? "Fetched by the mesh, and again when they change" : "A JSON Web Key Set; public keys only"
      }
    >
      <div className="rows">
        <Segmented
          label="Where the keys come from"
          small
          value={keys.kind}
          options={[
            { value: "url", label: "By address" },
            { value: "inline", label: "Pasted" },
          ]}
          onChange={(kind) => kind !== keys.kind && onChange(kind === "url" ? { kind, url: "" } : { kind, jwks: "" })}
        />
        {keys.kind === "url" ? (
          <TextInput
            mono
            label="Address of the keys"
            placeholder="https://accounts.example.com/keys"
            value={keys.url}
            testId="field-keys-url"
            onChange={(url) => onChange({ kind: "url", url: url.trim() })}
          />
        ) : (
          <span className="input is-area">
            <textarea
              aria-label="Key set"
              className="mono"
              rows={3}
              maxLength={65_536}
              placeholder='{"keys": [...]}'
              spellCheck={false}
              value={keys.jwks}
              data-testid="field-keys-jwks"
              onChange={(event) => onChange({ kind: "inline", jwks: event.target.value })}
            />
          </span>
        )}
      </div>
    </PathField>
  );
}
