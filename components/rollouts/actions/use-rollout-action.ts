"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { type RolloutAction, rolloutDetails } from "@/server/contracts/rollouts.ts";
import { fetchJson } from "../../query/fetch-json.ts";
import { queryKeys } from "../../query/query-keys.ts";

interface Command {
  readonly action: RolloutAction;
  /** What was looked at; null: whatever it is now. */
  readonly revision: number | null;
  readonly reason: string;
  readonly step: number | null;
}

/** Tells a release what to do, and takes over what it answers. */
export function useRolloutAction(id: string) {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  /** The release to look at from then on, a new one after a retry; null when it was refused. */
  const act = async ({ action, revision, reason, step }: Command): Promise<string | null> => {
    setBusy(true);
    setError(null);
    try {
      const details = await fetchJson(rolloutDetails, endpoints.rolloutAction(id, action), {
        method: "POST",
        body: { revision, reason, step },
      });
      client.setQueryData(queryKeys.rollout(details.id), details);
      return details.id;
    } catch (caught) {
      setError(caught);
      void client.invalidateQueries({ queryKey: queryKeys.rollout(id) });
      return null;
    } finally {
      setBusy(false);
      void client.invalidateQueries({ queryKey: ["rollouts"] });
    }
  };
  return { act, busy, error, clear: () => setError(null) };
}
