"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { type MadeToken, madeToken, type TokenScope, tokenRequest, tokenScope } from "@/server/contracts/api-tokens.ts";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { Toggle } from "../golden-paths/inputs/toggle.tsx";
import { fetchJson } from "../query/fetch-json.ts";
import { userMessageOf } from "../query/portal-error.ts";
import { queryKeys } from "../query/query-keys.ts";
import { Button } from "../ui/button.tsx";
import { Segmented } from "../ui/segmented.tsx";
import { Note } from "../ui/states.tsx";
import { lifetimes, scopeTexts } from "./token-words.ts";

/** Asks for a name, what it may do and how long, and makes a token of it. */
export function NewToken({ onMade }: { readonly onMade: (made: MadeToken) => void }) {
  const client = useQueryClient();
  const nameId = useId();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<readonly TokenScope[]>(["rollouts:read"]);
  const [days, setDays] = useState(30);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const request = tokenRequest.safeParse({ name, scopes, days });
  const said = (field: string): string =>
    !tried || request.success ? "" : (request.error.issues.find(({ path }) => path[0] === field)?.message ?? "");
  const make = async () => {
    setTried(true);
    if (!request.success) {
      return;
    }
    setBusy(true);
    setError(null);
    try {
      onMade(await fetchJson(madeToken, endpoints.tokens, { method: "POST", body: request.data }));
      setName("");
      setTried(false);
      await client.invalidateQueries({ queryKey: queryKeys.tokens });
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      className="token-form"
      aria-label="Make a token"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void make();
      }}
    >
      <div className={said("name") === "" ? "field" : "field is-wrong"}>
        <label htmlFor={nameId}>Name</label>
        <span className="input">
          <input
            id={nameId}
            value={name}
            maxLength={60}
            autoComplete="off"
            placeholder="deploy pipeline"
            aria-invalid={said("name") !== "" || undefined}
            data-testid="token-name"
            onChange={(event) => setName(event.target.value)}
          />
        </span>
        <span className={said("name") === "" ? "hint" : "hint is-error"}>
          {said("name") || "Says in the audit which program acted"}
        </span>
      </div>
      <fieldset className="field token-scopes">
        <legend className="label">May</legend>
        <div className="stack">
          {tokenScope.options.map((scope) => (
            <Toggle
              key={scope}
              title={scopeTexts[scope].title}
              checked={scopes.includes(scope)}
              testId={`scope-${scope}`}
              onChange={(on) => setScopes(on ? [...scopes, scope] : scopes.filter((other) => other !== scope))}
            >
              {scopeTexts[scope].line}
            </Toggle>
          ))}
        </div>
        {said("scopes") !== "" && (
          <span className="hint is-error" role="alert">
            {said("scopes")}
          </span>
        )}
      </fieldset>
      <div className="field">
        <span className="label">Lasts</span>
        <Segmented
          label="Lasts"
          value={String(days)}
          options={lifetimes.map(({ days: value, title }) => ({ value: String(value), label: title }))}
          onChange={(value) => setDays(Number(value))}
        />
      </div>
      {error !== null && <Note tone="error">{userMessageOf(error)}</Note>}
      <div>
        <Button type="submit" look="primary" busy={busy} disabled={busy} data-testid="make-token">
          {busy ? "Making it" : "Make the token"}
        </Button>
      </div>
    </form>
  );
}
