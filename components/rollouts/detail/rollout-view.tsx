"use client";

import { useState } from "react";
import type { RolloutAction, RolloutDetails } from "@/server/contracts/rollouts.ts";
import { AppLink } from "../../ui/app-link.tsx";
import { Page } from "../../ui/page.tsx";
import { TimeAgo } from "../../ui/time-ago.tsx";
import { RolloutActions } from "../actions/rollout-actions.tsx";
import { AnalysisTable } from "../analysis/analysis-table.tsx";
import { AwaitedPage } from "../awaited-page.tsx";
import { Charts, useSeriesWindow } from "../charts/charts.tsx";
import { Track } from "../track/track.tsx";
import { RolloutStateBadge } from "../words/rollout-state-badge.tsx";
import { damageWords, kindTexts, titleOf } from "../words/rollout-words.ts";
import { EventsSection } from "./events-section.tsx";
import { PodsSection } from "./pods-section.tsx";
import { ReachSection } from "./reach-section.tsx";
import { RolloutNotices } from "./rollout-notices.tsx";
import { useRollout, useRolloutSeries } from "./use-rollout.ts";
import { WrittenSection } from "./written-section.tsx";

/** One release: where it stands, both versions over the same time, how it is judged, and what to tell it. */
export function RolloutView({ id }: { readonly id: string }) {
  const query = useRollout(id);
  const details = query.data;
  if (!details) {
    return (
      <AwaitedPage
        title="Release"
        loading="Reading the release"
        error={query.error}
        onRetry={() => void query.refetch()}
      />
    );
  }
  return <Loaded details={details} />;
}

function Loaded({ details }: { readonly details: RolloutDetails }) {
  const window_ = useSeriesWindow(details);
  const series = useRolloutSeries(details.id, window_.seconds, details.state);
  const [asked, setAsked] = useState<RolloutAction | null>(null);
  return (
    <Page className="ro">
      <div className="page-head ro-head" data-testid="rollout" data-state={details.state}>
        <div className="ro-title">
          <p className="crumb xs">
            <AppLink href="/rollouts">Rollouts</AppLink> /{" "}
            <AppLink href={`/services/${details.service.namespace}/${details.service.name}`}>
              {details.service.name}
            </AppLink>
          </p>
          <h1 className="row wrap">
            {titleOf(details)} <RolloutStateBadge state={details.state}>{details.headline}</RolloutStateBadge>
          </h1>
          <p className="cap" data-testid="damage">
            {damageWords(details)} <span aria-hidden="true">·</span> release {details.number},{" "}
            {kindTexts[details.kind].title.toLowerCase()} <span aria-hidden="true">·</span> {details.startedBy.name},{" "}
            <TimeAgo at={details.createdUnixMs} />
            {details.bundle && (
              <>
                {" "}
                <span aria-hidden="true">·</span> in{" "}
                <AppLink className="link" href={`/rollouts/bundles/${details.bundle.id}`}>
                  {details.bundle.title}
                </AppLink>
              </>
            )}
          </p>
        </div>
        <span className="grow" />
        <RolloutActions details={details} asked={asked} onAsk={setAsked} />
      </div>
      <p className="vh" role="status">
        {details.headline}
      </p>
      <RolloutNotices details={details} onAsk={setAsked} />
      <Track
        track={details.track}
        nextVerdictUnixMs={details.nextVerdictUnixMs}
        state={details.state}
        hold={details.hold}
      />
      <Charts details={details} series={series.data} stale={series.isError} />
      <div className="ro-cols">
        <div className="ro-main">
          <AnalysisTable details={details} />
          <ReachSection details={details} />
        </div>
        <aside aria-label="Events and pods">
          <EventsSection events={details.events} changes={details.changes} />
          <PodsSection versions={details.versions} />
          <WrittenSection {...details} />
        </aside>
      </div>
    </Page>
  );
}
