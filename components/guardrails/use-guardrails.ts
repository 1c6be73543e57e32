"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { type Guardrails, guardrailsView } from "@/server/contracts/guardrails.ts";
import { fetchJson } from "../query/fetch-json.ts";
import { queryKeys } from "../query/query-keys.ts";
import { usePortalQuery } from "../query/use-portal-query.ts";
import { guardrailsOf } from "./draft.ts";

/** The guardrails in force, and what the person changed of them but did not save yet. */
export function useGuardrails() {
  const client = useQueryClient();
  const query = usePortalQuery(queryKeys.guardrails, guardrailsView, endpoints.guardrails, 10_000);
  // The etag stays that of what was on the screen when the first thing was changed: what others save meanwhile shows.
  const [draft, setDraft] = useState<{ readonly guardrails: Guardrails; readonly etag: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const view = query.data;

  const edit = (guardrails: Guardrails) => setDraft({ guardrails, etag: draft?.etag ?? view?.etag ?? "" });
  const discard = () => {
    setDraft(null);
    setError(null);
    void query.refetch();
  };
  /** Saves, over what others saved meanwhile when the person saw it; whether it went through. */
  const save = async (over: boolean): Promise<boolean> => {
    if (draft === null) {
      return false;
    }
    setBusy(true);
    setError(null);
    try {
      const etag = over ? (await fetchJson(guardrailsView, endpoints.guardrails)).etag : draft.etag;
      const saved = await fetchJson(guardrailsView, endpoints.guardrails, {
        method: "PUT",
        body: { ...draft.guardrails, etag },
      });
      client.setQueryData(queryKeys.guardrails, saved);
      setDraft(null);
      void client.invalidateQueries({ queryKey: queryKeys.goldenPaths });
      return true;
    } catch (caught) {
      setError(caught);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return {
    query,
    view,
    guardrails: draft?.guardrails ?? (view && guardrailsOf(view)),
    changed: draft !== null,
    edit,
    discard,
    save,
    busy,
    error,
    clearError: () => setError(null),
  };
}
