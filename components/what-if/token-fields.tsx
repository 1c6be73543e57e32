"use client";

import { useId } from "react";
import type { SeenTraffic } from "@/server/contracts/golden-paths.ts";
import { Field } from "../golden-paths/fields/field.tsx";
import { PairRows } from "./pair-rows.tsx";
import type { WhatIfState } from "./what-if-state.ts";

interface TokenFieldsProps {
  readonly state: WhatIfState;
  readonly set: (change: Partial<WhatIfState>) => void;
  readonly seen: SeenTraffic | undefined;
  readonly error: string | undefined;
}

/** The claims of a token that is taken as valid: nothing secret is typed here. */
export function TokenFields({ state: { token }, set, seen, error }: TokenFieldsProps) {
  const issuers = useId();
  return (
    <Field group label="Signed-in user" error={error}>
      <label className="pick-row is-alone">
        <input
          type="checkbox"
          checked={token !== null}
          onChange={(event) =>
            set({
              token: event.target.checked ? { issuer: seen?.issuers[0]?.name ?? "", subject: "", claims: [] } : null,
            })
          }
        />
        <span>
          With a valid token
          <span className="cap" style={{ display: "block" }}>
            Its claims are all that is asked for, never the token itself.
          </span>
        </span>
      </label>
      {token !== null && (
        <>
          <div className="two">
            <Field id="issuer" label="Issuer">
              <span className="input">
                <input
                  id="issuer"
                  className="mono"
                  list={issuers}
                  spellCheck={false}
                  value={token.issuer}
                  onChange={(event) => set({ token: { ...token, issuer: event.target.value } })}
                />
                <datalist id={issuers}>
                  {seen?.issuers.map(({ name }) => (
                    <option key={name} value={name} />
                  ))}
                </datalist>
              </span>
            </Field>
            <Field id="subject" label="Subject" optional>
              <span className="input">
                <input
                  id="subject"
                  className="mono"
                  spellCheck={false}
                  value={token.subject}
                  onChange={(event) => set({ token: { ...token, subject: event.target.value } })}
                />
              </span>
            </Field>
          </div>
          <Field group label="Claims" optional>
            <PairRows
              what="claim"
              rows={token.claims}
              onChange={(claims) => set({ token: { ...token, claims } })}
              names={seen?.claims.map(({ name }) => name) ?? []}
            />
          </Field>
        </>
      )}
    </Field>
  );
}
