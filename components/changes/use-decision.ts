"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type ChangeSummary, changeSummary } from "@/server/contracts/changes.ts";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { fetchJson } from "../query/fetch-json.ts";

export type Decision = "approve" | "reject" | "withdraw";

const addresses: Readonly<Record<Decision, (id: string) => string>> = {
  approve: endpoints.changeApprove,
  reject: endpoints.changeReject,
  withdraw: endpoints.changeWithdraw,
};

/** Says yes or no to a change that waits, or takes it back; whatever the answer, pages that show it are asked again. */
export function useDecision({ id, etag }: Pick<ChangeSummary, "id" | "etag">) {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  /** Whether it was taken. */
  const decide = async (decision: Decision, comment: string): Promise<boolean> => {
    setBusy(true);
    setError(null);
    try {
      await fetchJson(changeSummary, addresses[decision](id), {
        method: "POST",
        body: decision === "withdraw" ? { comment } : { comment, etag },
      });
      return true;
    } catch (caught) {
      setError(caught);
      return false;
    } finally {
      setBusy(false);
      void client.invalidateQueries({
        predicate: ({ queryKey }) => ["change", "changes", "overview", "service"].includes(String(queryKey[0])),
      });
    }
  };
  return { decide, busy, error, clear: () => setError(null) };
}
