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
import { clock, exact } from "../ui/format.ts";
import { Page, PageHead, Section } from "../ui/page.tsx";
import { LoadingLine, QueryFailure } from "../ui/query-states.tsx";
import { ResourceDiff } from "../ui/resource-diff.tsx";
import { TabPanel, Tabs } from "../ui/tabs.tsx";
import { Approvals } from "./approvals.tsx";
import { ChangeFacts } from "./change-facts.tsx";
import { ChangeStateBadge } from "./change-state-badge.tsx";
import { isMoving } from "./change-words.ts";
import { OverwrittenEdits } from "./overwritten-edits.tsx";
import { ProofTable } from "./proof-table.tsx";
import { ReceiptCard } from "./receipt-card.tsx";
import { ReceiptTable } from "./receipt-table.tsx";
import { UndoButton } from "./undo-button.tsx";
import { useChangeStream } from "./use-change-stream.ts";
import { WithdrawButton } from "./withdraw-button.tsx";

/** One change from form to receipt: what it did, what it would do, what happened, and the way back. */
export function ChangeView({ id }: { readonly id: string }) {
  const query = usePortalQuery(queryKeys.change(id), changeDetails, endpoints.change(id), 5000);
  const [following, setFollowing] = useState<string | null>(null);
  const streamed = useChangeStream(following);
  const change = streamed?.id === id && isMoving(streamed.state) ? streamed : query.data;
  const moving = change !== undefined && isMoving(change.state);
  useEffect(() => {
    if (moving) {
      setFollowing(id);
    }
  }, [moving, id]);
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
        <Approvals change={change} />
        <Parts change={change} />
      </div>
      <aside className="side" aria-label="Receipt and course">
        <ChangeFacts change={change} />
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
        {change.rollout ? (
          <LinkButton href={`/rollouts/${change.rollout.id}`} data-testid="change-release">
            Step of release {change.rollout.number}
          </LinkButton>
        ) : (
          <LinkButton href={prefilledHref({ slug: change.slug, values: change.values })}>Open the form</LinkButton>
        )}
        {change.withdrawable && <WithdrawButton change={change} />}
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
        {isMoving(change.state) && <ReceiptCard change={change} onUndo={follow} />}
      </div>
    </>
  );
}

function Parts({ change }: { readonly change: ChangeDetails }) {
  const [tab, setTab] = useState<"diff" | "impact" | "receipt" | "proof" | "overwritten">("diff");
  const passed = change.probes.filter((probe) => probe.passed).length;
  const changed = change.resources.filter((resource) => resource.action !== "unchanged").length;
  return (
    <Tabs
      label="Change"
      className="chg-tabs"
      tabs={[
        { value: "diff", label: "YAML diff", badge: String(changed) },
        { value: "impact", label: "Impact then" },
        { value: "receipt", label: "Receipt" },
        {
          value: "proof",
          label: "Proof",
          ...(change.probes.length > 0 && { badge: `${passed} of ${change.probes.length}` }),
          warn: passed < change.probes.length,
        },
        ...(change.overwritten.length === 0
          ? []
          : [
              {
                value: "overwritten" as const,
                label: "Edits of others",
                badge: String(change.overwritten.length),
                warn: true,
              },
            ]),
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
      <TabPanel value="proof">
        <ProofTable change={change} />
      </TabPanel>
      {change.overwritten.length > 0 && (
        <TabPanel value="overwritten">
          <OverwrittenEdits change={change} />
        </TabPanel>
      )}
    </Tabs>
  );
}
