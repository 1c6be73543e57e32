"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { type TrafficGraph, trafficGraph } from "@/server/contracts/traffic.ts";
import { fetchJson } from "../query/fetch-json.ts";
import { queryKeys } from "../query/query-keys.ts";

/** Pause between attempts after the portal refused the stream, in ms. */
const reconnectMs = 2000;

export interface TrafficGraphState {
  readonly graph: TrafficGraph | undefined;
  readonly error: unknown;
  readonly retry: () => void;
  /** The stream is broken: the picture stands still although it should not. */
  readonly disconnected: boolean;
}

/**
 * The traffic graph: one answer at once, then one event stream. While paused, or looking back to `end` (ms), nothing
 * streams and the picture stands.
 */
export function useTrafficGraph(windowSeconds: number, paused: boolean, end: number | null): TrafficGraphState {
  const client = useQueryClient();
  const key = queryKeys.graph(windowSeconds, end);
  const query = useQuery({
    queryKey: key,
    queryFn: ({ signal }) =>
      fetchJson(trafficGraph, `${endpoints.graph}?window=${windowSeconds}${end === null ? "" : `&end=${end}`}`, {
        signal,
      }),
    refetchOnWindowFocus: false,
    placeholderData: (previous) => previous,
  });
  const [disconnected, setDisconnected] = useState(false);
  const streaming = !paused && end === null;

  useEffect(() => {
    if (!streaming) {
      setDisconnected(false);
      return;
    }
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const open = () => {
      source = new EventSource(`${endpoints.graphStream}?window=${windowSeconds}`);
      source.addEventListener("graph", (event: MessageEvent<string>) => {
        const parsed = trafficGraph.safeParse(parseJson(event.data));
        if (parsed.success) {
          setDisconnected(false);
          client.setQueryData(queryKeys.graph(windowSeconds, null), parsed.data);
        }
      });
      source.addEventListener("error", () => {
        setDisconnected(true);
        // The browser reconnects by itself unless the portal refused: then its stream is closed for good.
        if (source?.readyState === EventSource.CLOSED) {
          timer = setTimeout(open, reconnectMs);
        }
      });
    };
    open();
    return () => {
      source?.close();
      clearTimeout(timer);
    };
  }, [client, streaming, windowSeconds]);

  return {
    graph: query.data,
    error: query.data === undefined ? query.error : null,
    retry: () => {
      void query.refetch();
    },
    disconnected,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
