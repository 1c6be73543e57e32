"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { rolloutDetails, rolloutSeries } from "@/server/contracts/rollouts.ts";
import { usePaused } from "../../query/live.tsx";
import { queryKeys } from "../../query/query-keys.ts";
import { usePortalQuery } from "../../query/use-portal-query.ts";
import { hasEnded } from "../words/rollout-words.ts";

/** How often a release is asked for while no stream says what it does, in ms. */
const withoutStreamMs = 3000;
const withStreamMs = 30_000;
const seriesMs = 5000;

/**
 * One release, live: by its stream while it moves, by asking again where there is none. What the stream says stands in
 * the cache, so that every part of the page sees the same.
 */
export function useRollout(id: string) {
  const client = useQueryClient();
  const { paused } = usePaused();
  const [streaming, setStreaming] = useState(false);
  const query = usePortalQuery(
    queryKeys.rollout(id),
    rolloutDetails,
    endpoints.rollout(id),
    streaming ? withStreamMs : withoutStreamMs,
  );
  const moving = query.data !== undefined && !hasEnded(query.data.state);

  useEffect(() => {
    if (paused || !moving) {
      return;
    }
    const source = new EventSource(endpoints.rolloutStream(id));
    source.addEventListener("rollout", (event: MessageEvent<string>) => {
      const parsed = rolloutDetails.safeParse(JSON.parse(event.data));
      if (parsed.success) {
        setStreaming(true);
        client.setQueryData(queryKeys.rollout(id), parsed.data);
      }
    });
    // The browser connects again by itself, also when the portal ends a long stream; until then the page asks.
    source.addEventListener("error", () => setStreaming(false));
    return () => {
      source.close();
      setStreaming(false);
    };
  }, [client, id, paused, moving]);

  return query;
}

/** What the proxies counted for both versions; still once the release has ended. */
export function useRolloutSeries(id: string, seconds: number, state: Parameters<typeof hasEnded>[0]) {
  return usePortalQuery(
    queryKeys.rolloutSeries(id, seconds),
    rolloutSeries,
    `${endpoints.rolloutSeries(id)}?seconds=${seconds}`,
    hasEnded(state) ? 60_000 : seriesMs,
  );
}
