"use client";

import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { type ChangeDetails, changeDetails } from "@/server/contracts/changes.ts";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { ImpactPane } from "../golden-paths/preview/impact-pane.tsx";
import { prefilledHref } from "../query/prefilled-href.ts";
import { queryKeys } from "../query/query-keys.ts";
import { usePortalQuery } from "../query/use-portal-query.ts";
import { AppLink } from "../ui/app-link.tsx";
import { LinkButton } from "../ui/button.tsx";
import { clock, duration, exact } from "../ui/format.ts";
import { Page, PageHead, Section } from "../ui/page.tsx";
import { LoadingLine, QueryFailure } from "../ui/query-states.tsx";
import { ResourceDiff } from "../ui/resource-diff.tsx";
import { ScrollX } from "../ui/scroll-x.tsx";
import { TabPanel, Tabs } from "../ui/tabs.tsx";
import { ChangeStateBadge } from "./change-state-badge.tsx";
import { ReceiptCard } from "./receipt-card.tsx";
import { UndoButton } from "./undo-button.tsx";
import { isFinal, useChangeStream } from "./use-change-stream.ts";

/** One change from form to receipt: what it did, what it would do, what happened, and the way back. */
export function ChangeView({ id }: { readonly id: string }) {
  const query = usePortalQuery(queryKeys.change(id), changeDetails, endpoints.change(id), 5000);
  const [following, setFollowing] = useState<string | null>(null);
  const streamed = useChangeStream(following);
  const change = streamed?.id === id ? streamed : query.data;
  const running = change !== undefined && !isFinal(change.state);
  useEffect(() => {
    if (running) {
      setFollowing(id);
    }
  }, [running, id]);
  if (!change) {
    return (
      <Page>
        <PageHead title="Change" crumb={<AppLink href="/changes">Changes</AppLink>} />
        {query.error ? (
          <QueryFailure error={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <LoadingLine>Reading the change</LoadingLine>
        )}
      </Page>
    );
  }
  return (
    <Page className="ov">
      <div className="main chg-main">
        <Head change={change} />
        <Parts change={change} />
      </div>
      <aside className="side" aria-label="Receipt and course">
        <Facts change={change} />
        <Section title="Course" sub="UTC">
          <ol className="evs">
            {change.events.map((event) => (
              <li
                key={event.sequence}
                className={event.level === "error" ? "c-error" : event.level === "warning" ? "c-warn" : undefined}
              >
                <time title={exact(event.timeUnixMs)} className="tn">
                  {clock(event.timeUnixMs)}
                </time>
                <span />
                <span>{event.text}</span>
              </li>
            ))}
          </ol>
        </Section>
      </aside>
    </Page>
  );
}

function Head({ change }: { readonly change: ChangeDetails }) {
  const router = useRouter();
  const follow = (next: { id: string }) => router.push(`/changes/${next.id}`);
  return (
    <>
      <PageHead
        title={change.title}
        crumb={
          <>
            <AppLink href="/changes">Changes</AppLink> / {change.number}
          </>
        }
        sub={<ChangeStateBadge state={change.state} />}
      >
        <LinkButton href={prefilledHref({ slug: change.slug, values: change.values })}>Open the form</LinkButton>
        {change.undoable && <UndoButton size="m" change={change} onStarted={follow} />}
      </PageHead>
      <div className="chg-say">
        <p className="say" style={{ padding: 0, minHeight: 0 }}>
          {change.sentence}
        </p>
        {change.reason !== "" && <p className="t2">“{change.reason}”</p>}
        {(change.undoOf || change.undoneBy) && (
          <p className="cap">
            {change.undoOf && (
              <>
                Takes back{" "}
                <AppLink className="link" href={`/changes/${change.undoOf.id}`}>
                  change {change.undoOf.number}
                </AppLink>
              </>
            )}
            {change.undoneBy && (
              <>
                Taken back by{" "}
                <AppLink className="link" href={`/changes/${change.undoneBy.id}`}>
                  change {change.undoneBy.number}
                </AppLink>
              </>
            )}
          </p>
        )}
        {!isFinal(change.state) && <ReceiptCard change={change} onUndo={follow} />}
      </div>
    </>
  );
}

function Parts({ change }: { readonly change: ChangeDetails }) {
  const [tab, setTab] = useState<"diff" | "impact" | "receipt">("diff");
  const changed = change.resources.filter((resource) => resource.action !== "unchanged").length;
  return (
    <Tabs
      label="Change"
      className="chg-tabs"
      tabs={[
        { value: "diff", label: "YAML diff", badge: String(changed) },
        { value: "impact", label: "Impact then" },
        { value: "receipt", label: "Receipt" },
      ]}
      value={tab}
      onChange={setTab}
    >
      <TabPanel value="diff">
        <ResourceDiff changes={change.resources} />
      </TabPanel>
      <TabPanel value="impact">
        <ImpactPane impact={change.impact} named={new Set()} />
      </TabPanel>
      <TabPanel value="receipt">
        <ReceiptTable change={change} />
      </TabPanel>
    </Tabs>
  );
}

function ReceiptTable({ change }: { readonly change: ChangeDetails }) {
  if (!change.receipt) {
    return (
      <p className="t2 sm" style={{ padding: "16px var(--page-x)" }}>
        {change.failure === "" ? "Nothing was acknowledged yet." : change.failure}
      </p>
    );
  }
  return (
    <ScrollX label="Observed traffic">
      <table className="table" style={{ "--pad-x": "var(--page-x)" } as React.CSSProperties}>
        <thead>
          <tr>
            <th scope="col">Resource</th>
            <th scope="col">Enforced</th>
            <th scope="col">What the proxies say</th>
          </tr>
        </thead>
        <tbody>
          {change.receipt.resources.map(({ resource, status, reason, message }) => (
            <tr key={`${resource.kind} ${resource.namespace}/${resource.name}`}>
              <td className="mono">
                {resource.kind} {resource.namespace === "" ? resource.name : `${resource.namespace}/${resource.name}`}
              </td>
              <td className={status === "True" ? "c-ok" : status === "False" ? "c-warn" : "t3"}>
                {status === "True" ? "yes" : status === "False" ? "not yet" : "not known"}
              </td>
              <td className="t2" title={reason}>
                {message}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollX>
  );
}

function Facts({ change }: { readonly change: ChangeDetails }) {
  return (
    <Section title="Receipt">
      <p className="med" data-testid="receipt-message" style={{ margin: "2px 0 8px" }}>
        {change.receipt?.message ?? (change.failure === "" ? "not yet" : "none: it failed")}
      </p>
      {change.failure !== "" && (
        <p className="sm c-error" style={{ marginBottom: 8 }}>
          {change.failure}
        </p>
      )}
      <dl className="kv">
        <dt>Author</dt>
        <dd>{change.author.name}</dd>
        <dt>Started</dt>
        <dd>{exact(change.createdUnixMs)}</dd>
        {change.finishedUnixMs !== null && (
          <>
            <dt>Took</dt>
            <dd>{duration(change.finishedUnixMs - change.createdUnixMs)}</dd>
          </>
        )}
        {change.leadTimeMs !== null && (
          <>
            <dt>Lead time</dt>
            <dd>{duration(change.leadTimeMs)} from opening the form</dd>
          </>
        )}
        <dt>Where</dt>
        <dd>{change.namespaces.join(", ")}</dd>
        {!change.undoable && change.undoBlockedBecause !== "" && (
          <>
            <dt>Undo</dt>
            <dd className="t2">{change.undoBlockedBecause}</dd>
          </>
        )}
      </dl>
    </Section>
  );
}
