"use client";

import { useQueries } from "@tanstack/react-query";
import { Undo2 } from "lucide-react";
import { useState } from "react";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { type BundleDetails, bundleDetails } from "@/server/contracts/rollout-bundles.ts";
import { rolloutDetails } from "@/server/contracts/rollouts.ts";
import { fetchJson } from "../../query/fetch-json.ts";
import { useLiveInterval } from "../../query/live.tsx";
import { queryKeys } from "../../query/query-keys.ts";
import { usePortalQuery } from "../../query/use-portal-query.ts";
import { AppLink } from "../../ui/app-link.tsx";
import { Button } from "../../ui/button.tsx";
import { Page } from "../../ui/page.tsx";
import { LoadingLine } from "../../ui/query-states.tsx";
import { Note } from "../../ui/states.tsx";
import { TimeAgo } from "../../ui/time-ago.tsx";
import { AwaitedPage } from "../awaited-page.tsx";
import { EventsSection } from "../detail/events-section.tsx";
import { BundleAbortDialog } from "../list/bundle-abort-dialog.tsx";
import { RolloutsTable } from "../list/rollouts-table.tsx";
import { BundleStateBadge } from "../words/bundle-state-badge.tsx";
import { bundleWords, doneWords } from "../words/bundle-words.ts";
import { bundleEvents } from "./bundle-events.ts";

const everyMs = 3000;

/** One bundle: its releases in their order, what happened to them, and the way back for all. */
export function BundleView({ id }: { readonly id: string }) {
  const query = usePortalQuery(queryKeys.rolloutBundle(id), bundleDetails, endpoints.rolloutBundle(id), everyMs);
  if (!query.data) {
    return (
      <AwaitedPage
        title="Bundle"
        loading="Reading the bundle"
        error={query.error}
        onRetry={() => void query.refetch()}
      />
    );
  }
  return <Loaded bundle={query.data} stale={query.isError} />;
}

function Loaded({ bundle, stale }: { readonly bundle: BundleDetails; readonly stale: boolean }) {
  const [asking, setAsking] = useState(false);
  const interval = useLiveInterval(5000);
  const releases = useQueries({
    queries: bundle.rollouts.map(({ id }) => ({
      queryKey: queryKeys.rollout(id),
      queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
        fetchJson(rolloutDetails, endpoints.rollout(id), { signal }),
      refetchInterval: interval,
    })),
  });
  const { events, changes, about } = bundleEvents(releases.flatMap(({ data }) => (data ? [data] : [])));
  return (
    <Page>
      <div className="page-head" data-testid="bundle" data-state={bundle.state}>
        <div className="ro-title">
          <p className="crumb xs">
            <AppLink href="/rollouts">Rollouts</AppLink> / bundle
          </p>
          <h1 className="row wrap">
            {bundle.title} <BundleStateBadge state={bundle.state} />
          </h1>
          <p className="cap" role="status">
            {doneWords(bundle)}, {bundleWords(bundle)} · {bundle.startedBy.name}, <TimeAgo at={bundle.createdUnixMs} />
          </p>
        </div>
        <span className="grow" />
        {bundle.abortable && (
          <Button look="danger" icon={Undo2} onClick={() => setAsking(true)} data-testid={`abort-bundle-${bundle.id}`}>
            Abort all
          </Button>
        )}
      </div>
      {bundle.words !== "" && (
        <div className="notices">
          <Note tone="warn">{bundle.words}</Note>
        </div>
      )}
      <RolloutsTable rollouts={bundle.rollouts} stale={stale} within />
      <div className="bundle-events">
        {releases.some(({ isPending }) => isPending) ? (
          <LoadingLine>Reading what happened</LoadingLine>
        ) : (
          <EventsSection events={[...events]} changes={changes} about={about} />
        )}
      </div>
      {asking && <BundleAbortDialog bundle={bundle} onClose={() => setAsking(false)} />}
    </Page>
  );
}
