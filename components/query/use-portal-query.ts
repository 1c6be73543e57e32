"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type * as z from "zod";
import { fetchJson } from "./fetch-json.ts";
import { useLiveInterval } from "./live.tsx";

/**
 * A live view of one address: asked again every `everyMs` unless paused, parsed with its contract, old figures kept
 * while the window or a filter changes.
 */
export function usePortalQuery<S extends z.ZodType>(key: readonly unknown[], schema: S, url: string, everyMs: number) {
  const refetchInterval = useLiveInterval(everyMs);
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }): Promise<z.output<S>> => fetchJson(schema, url, { signal }),
    refetchInterval,
    placeholderData: keepPreviousData,
  });
}
