"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import { endpoints } from "@/server/contracts/endpoints.ts";
import type { RolloutSpec } from "@/server/contracts/rollout-spec.ts";
import { rolloutDetails, rolloutPreview } from "@/server/contracts/rollouts.ts";
import { fetchJson } from "../../query/fetch-json.ts";
import { useLiveInterval } from "../../query/live.tsx";
import { queryKeys } from "../../query/query-keys.ts";
import { useSettled } from "../../query/use-settled.ts";

/** What starting would do; asked again while it stands, since traffic goes on. The last answer stays, `outdated`. */
export function useReleasePreview(spec: RolloutSpec | null) {
  const text = JSON.stringify(spec);
  const settled = useSettled(spec, text);
  const interval = useLiveInterval(5000);
  const query = useQuery({
    queryKey: queryKeys.rolloutPreview(settled),
    queryFn: ({ signal }) =>
      fetchJson(rolloutPreview, endpoints.rolloutsPreview, { method: "POST", body: settled, signal }),
    enabled: settled !== null,
    refetchInterval: interval,
    placeholderData: keepPreviousData,
  });
  const outdated = query.isPlaceholderData || text !== JSON.stringify(settled);
  return { ...query, data: spec === null ? undefined : query.data, outdated };
}

/** Starts a release and goes to its page. */
export function useStart() {
  const router = useRouter();
  const opened = useRef(Date.now());
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const start = async (spec: RolloutSpec, reason: string, etag: string) => {
    setSending(true);
    setError(null);
    try {
      const started = await fetchJson(rolloutDetails, endpoints.rollouts, {
        method: "POST",
        body: { spec, openedUnixMs: opened.current, reason, etag },
      });
      router.push(`/rollouts/${started.id}`);
    } catch (caught) {
      setError(caught);
      setSending(false);
    }
  };
  return { start, sending, error, clearError: () => setError(null) };
}
