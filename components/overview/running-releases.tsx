"use client";

import { useMe } from "../query/use-me.tsx";
import { MiniTrack } from "../rollouts/track/mini-track.tsx";
import { useActiveRollouts } from "../rollouts/use-active-rollouts.ts";
import { RolloutStateBadge } from "../rollouts/words/rollout-state-badge.tsx";
import { damageWords, titleOf } from "../rollouts/words/rollout-words.ts";
import { AppLink } from "../ui/app-link.tsx";
import { Section } from "../ui/page.tsx";
import { Skeleton } from "../ui/states.tsx";

const shownMost = 5;

/** Releases that are not over, with where they stand and what they cost. */
export function RunningReleases() {
  const me = useMe();
  const rollouts = useActiveRollouts();
  return (
    <Section
      title="Releases"
      sub={rollouts && rollouts.length > 0 ? String(rollouts.length) : undefined}
      end={
        <AppLink className="link xs" href="/rollouts">
          All releases
        </AppLink>
      }
    >
      {rollouts === undefined && <Skeleton width={220} />}
      {rollouts?.length === 0 && (
        <p className="cap">
          No version is being released.{" "}
          {me.capabilities.preview && (
            <AppLink className="link" href="/rollouts/new">
              Release one
            </AppLink>
          )}
        </p>
      )}
      {rollouts && rollouts.length > 0 && (
        <ul className="waits" data-testid="running-releases">
          {rollouts.slice(0, shownMost).map((rollout) => (
            <li key={rollout.id}>
              <div className="grow">
                <AppLink className="rowlink med" href={`/rollouts/${rollout.id}`}>
                  {titleOf(rollout)}
                </AppLink>
                <div className="row spread">
                  <RolloutStateBadge state={rollout.state}>{rollout.headline}</RolloutStateBadge>
                  <MiniTrack {...rollout} />
                </div>
                <div className="cap">{damageWords(rollout)}</div>
              </div>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
