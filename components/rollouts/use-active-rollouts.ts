"use client";

import { endpoints } from "@/server/contracts/endpoints.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import { type RolloutSummary, rolloutList } from "@/server/contracts/rollouts.ts";
import { queryKeys } from "../query/query-keys.ts";
import { usePortalQuery } from "../query/use-portal-query.ts";
import { byActivity } from "./words/rollout-words.ts";

const everyMs = 5000;
const active = "active=true&limit=200";

/** Releases that are not over, those that move first; undefined while they are not known. */
export function useActiveRollouts(): readonly RolloutSummary[] | undefined {
  const list = usePortalQuery(queryKeys.rollouts(active), rolloutList, `${endpoints.rollouts}?${active}`, everyMs);
  return list.data && [...list.data.rollouts].sort(byActivity);
}

/** The release of a service that moves, or waits first; undefined when there is none. */
export function useRolloutOf(service: ServiceRef): RolloutSummary | undefined {
  return useActiveRollouts()?.find(
    (rollout) => rollout.service.namespace === service.namespace && rollout.service.name === service.name,
  );
}
