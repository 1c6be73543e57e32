"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { endpoints } from "@/server/contracts/endpoints.ts";
import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import { type ImpactWindow, preview } from "@/server/contracts/golden-paths.ts";
import { fetchJson } from "../../query/fetch-json.ts";
import { useLiveInterval } from "../../query/live.tsx";
import { queryKeys } from "../../query/query-keys.ts";

/** Pause in typing after which a preview is asked for, in ms. */
const settleMs = 250;

/** A value once it stopped changing. */
function useSettled<T>(value: T, key: string): T {
  const [settled, setSettled] = useState({ key, value });
  useEffect(() => {
    const timer = setTimeout(() => setSettled({ key, value }), settleMs);
    return () => clearTimeout(timer);
  }, [key, value]);
  return settled.value;
}

/**
 * What a filled-in form would do to the traffic of a window. Asked again while it stands, since traffic goes on. The
 * last preview stays while a newer one is on its way, `outdated`.
 */
export function usePreview(slug: PathSlug, values: Record<string, unknown> | null, windowSeconds: ImpactWindow) {
  const settled = useSettled(values, JSON.stringify(values));
  const interval = useLiveInterval(5000);
  const query = useQuery({
    queryKey: queryKeys.preview(slug, { values: settled, windowSeconds }),
    queryFn: ({ signal }) =>
      fetchJson(preview, endpoints.goldenPathPreview(slug), {
        method: "POST",
        body: { values: settled, windowSeconds },
        signal,
      }),
    enabled: settled !== null,
    refetchInterval: interval,
    placeholderData: keepPreviousData,
  });
  const outdated = query.isPlaceholderData || JSON.stringify(values) !== JSON.stringify(settled);
  return { ...query, data: values === null ? undefined : query.data, outdated };
}
