"use client";

import type { ServiceRef } from "@/server/contracts/names.ts";
import { AppLink } from "../ui/app-link.tsx";
import { MiniTrack } from "./track/mini-track.tsx";
import { useRolloutOf } from "./use-active-rollouts.ts";
import { RolloutStateBadge } from "./words/rollout-state-badge.tsx";
import { titleOf } from "./words/rollout-words.ts";

/** The release of a service that is not over, in a line that leads to it; nothing when there is none. */
export function RunningLine({ service, className }: { readonly service: ServiceRef; readonly className?: string }) {
  const rollout = useRolloutOf(service);
  if (!rollout) {
    return null;
  }
  return (
    <p className={className ?? "running-line"} data-testid="running-release">
      <RolloutStateBadge state={rollout.state}>{rollout.headline}</RolloutStateBadge>
      <AppLink className="link" href={`/rollouts/${rollout.id}`}>
        {titleOf(rollout)}
      </AppLink>
      <MiniTrack {...rollout} />
    </p>
  );
}
