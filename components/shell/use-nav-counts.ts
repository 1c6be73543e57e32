"use client";

import { useQuery } from "@tanstack/react-query";
import { changeList } from "@/server/contracts/changes.ts";
import { denialList } from "@/server/contracts/denials.ts";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { useWaiting } from "../changes/use-waiting.ts";
import { useDrift } from "../drift/use-drift.ts";
import { fetchJson } from "../query/fetch-json.ts";
import { useLiveInterval } from "../query/live.tsx";
import { queryKeys } from "../query/query-keys.ts";
import { useActiveRollouts } from "../rollouts/use-active-rollouts.ts";

export interface NavCount {
  readonly value: number;
  readonly title: string;
  /** It waits for somebody. */
  readonly hot: boolean;
}

/** What stands beside the entries of the navigation, by address. Nothing is shown for zero. */
export function useNavCounts(): Readonly<Record<string, NavCount>> {
  const interval = useLiveInterval(5000);
  const applying = useQuery({
    queryKey: queryKeys.changes("state=applying&limit=50"),
    queryFn: ({ signal }) => fetchJson(changeList, `${endpoints.changes}?state=applying&limit=50`, { signal }),
    refetchInterval: interval,
  });
  const denials = useQuery({
    queryKey: queryKeys.denials("window=300"),
    queryFn: ({ signal }) => fetchJson(denialList, `${endpoints.denials}?window=300`, { signal }),
    refetchInterval: interval,
  });
  const { forMe } = useWaiting();
  const drift = useDrift();
  const releases = useActiveRollouts()?.length ?? 0;
  const counts: Record<string, NavCount> = {};
  const running = applying.data?.changes.length ?? 0;
  const waiting = forMe?.length ?? 0;
  if (waiting > 0) {
    counts["/changes"] = { value: waiting, title: waiting === 1 ? "waits for you" : "wait for you", hot: true };
  } else if (running > 0) {
    counts["/changes"] = { value: running, title: "being applied", hot: true };
  }
  const groups = denials.data?.groups.length ?? 0;
  if (groups > 0) {
    counts["/denials"] = { value: groups, title: "kinds of refusal in the last 5 min", hot: false };
  }
  if (releases > 0) {
    counts["/rollouts"] = { value: releases, title: releases === 1 ? "is not over" : "are not over", hot: false };
  }
  const changedByOthers = drift.data?.items.length ?? 0;
  if (changedByOthers > 0) {
    counts["/drift"] = { value: changedByOthers, title: "changed by others", hot: false };
  }
  return counts;
}
