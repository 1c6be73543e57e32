"use client";

import { GitPullRequest } from "lucide-react";
import { useRouter } from "next/navigation";
import { type ChangeSummary, changeList, changeState } from "@/server/contracts/changes.ts";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { pathSlug } from "@/server/contracts/golden-paths/slug.ts";
import { pathTexts } from "../golden-paths/path-texts.ts";
import { ChangeGlyph } from "../overview/changes-lists.tsx";
import { queryKeys } from "../query/query-keys.ts";
import { useUrlState } from "../query/url-state.ts";
import { usePortalQuery } from "../query/use-portal-query.ts";
import { AppLink } from "../ui/app-link.tsx";
import { Button, LinkButton } from "../ui/button.tsx";
import { Countdown } from "../ui/countdown.tsx";
import { duration } from "../ui/format.ts";
import { Pick } from "../ui/menu.tsx";
import { Page, PageHead } from "../ui/page.tsx";
import { QueryFailure } from "../ui/query-states.tsx";
import { ScrollX } from "../ui/scroll-x.tsx";
import { Segmented } from "../ui/segmented.tsx";
import { Empty, SkeletonRows } from "../ui/states.tsx";
import { TimeAgo } from "../ui/time-ago.tsx";
import { ChangeStateBadge } from "./change-state-badge.tsx";
import { standing, waitsForMe } from "./change-words.ts";
import { UndoButton } from "./undo-button.tsx";

const pageSize = 50;
const states = [
  { value: "waiting", label: "Waiting for approval" },
  { value: "applying", label: "Applying" },
  { value: "verified", label: "Verified" },
  { value: "failed", label: "Failed" },
  { value: "undone", label: "Undone" },
  { value: "rejected", label: "Rejected" },
  { value: "withdrawn", label: "Withdrawn" },
  { value: "expired", label: "Expired" },
] as const;

/** The history: what was changed, by whom, whether it holds, and the way back. */
export function ChangesView() {
  const { parameters, change } = useUrlState();
  const state = changeState.safeParse(parameters.get("state"));
  const slug = pathSlug.safeParse(parameters.get("path"));
  const forMe = parameters.get("for") === "me";
  const limit = Math.min(200, Number(parameters.get("limit")) || pageSize);
  const query = new URLSearchParams({ limit: String(limit) });
  if (state.success) {
    query.set("state", state.data);
  }
  if (slug.success) {
    query.set("slug", slug.data);
  }
  if (forMe) {
    query.set("forMe", "true");
  }
  const list = usePortalQuery(queryKeys.changes(query.toString()), changeList, `${endpoints.changes}?${query}`, 3000);
  const changes = list.data?.changes;
  const filtered = state.success || slug.success || forMe;
  return (
    <Page>
      <PageHead title="Changes" sub="what was changed, and whether it holds">
        <LinkButton href="/golden-paths" look="primary">
          New change
        </LinkButton>
      </PageHead>
      <div className="filters">
        <Pick
          label="State"
          value={state.success ? state.data : "any"}
          choices={[{ value: "any", label: "Any" }, ...states]}
          onChange={(next) => change({ state: next === "any" ? null : next })}
        />
        <Pick
          label="Path"
          value={slug.success ? slug.data : "any"}
          choices={[
            { value: "any", label: "Any" },
            ...pathSlug.options.map((value) => ({ value, label: pathTexts[value].title })),
          ]}
          onChange={(next) => change({ path: next === "any" ? null : next })}
        />
        <span className="grow" />
        <Segmented
          label="Whose word is missing"
          value={forMe ? "me" : "all"}
          options={[
            { value: "all", label: "All" },
            { value: "me", label: "Waits for me" },
          ]}
          onChange={(next) => change({ for: next === "me" ? "me" : null })}
        />
      </div>
      {list.error && !changes && <QueryFailure error={list.error} onRetry={() => void list.refetch()} />}
      {changes?.length === 0 && (
        <Empty
          icon={GitPullRequest}
          title={forMe ? "Nothing waits for your word" : filtered ? "No such change" : "No change yet"}
          action={
            <LinkButton href="/golden-paths" size="s">
              See the golden paths
            </LinkButton>
          }
        >
          {forMe
            ? "Changes that touch what is yours, proposed by somebody of another team, stand here until you decide."
            : filtered
              ? "Widen the filters to see more."
              : "Everything that is applied through a golden path stands here, with its receipt and its undo."}
        </Empty>
      )}
      {(changes === undefined ? !list.error : changes.length > 0) && (
        <ScrollX label="Changes">
          <table className="table chg" style={{ "--pad-x": "var(--page-x)" } as React.CSSProperties}>
            <thead>
              <tr>
                <th scope="col">Change</th>
                <th scope="col">State</th>
                <th scope="col">Receipt</th>
                <th scope="col">Author</th>
                <th scope="col" className="num">
                  Lead time
                </th>
                <th scope="col" className="num">
                  When
                </th>
                <td />
              </tr>
            </thead>
            {changes === undefined ? (
              <SkeletonRows widths={[260, 72, 190, 80, 50, 50, 50]} />
            ) : (
              <tbody>
                {changes.map((item) => (
                  <Row key={item.id} change={item} />
                ))}
              </tbody>
            )}
          </table>
        </ScrollX>
      )}
      {list.data?.more && limit < 200 && (
        <div style={{ padding: "var(--s-4) var(--page-x)" }}>
          <Button onClick={() => change({ limit: String(limit + pageSize) })}>Show older changes</Button>
        </div>
      )}
    </Page>
  );
}

function Row({ change }: { readonly change: ChangeSummary }) {
  const router = useRouter();
  return (
    <tr data-testid={`change-${change.number}`} data-state={change.state}>
      <td style={{ whiteSpace: "normal", minWidth: 280, height: 50, paddingBlock: 6 }}>
        <span className="row" style={{ alignItems: "flex-start" }}>
          <span style={{ marginTop: 3 }}>
            <ChangeGlyph change={change} />
          </span>
          <span>
            <AppLink className="svc rowlink" href={`/changes/${change.id}`} style={{ whiteSpace: "normal" }}>
              {change.title}
            </AppLink>
            <span className="cap" style={{ display: "block" }}>
              {change.number} · {change.namespaces.join(", ")}
              {change.undoneBy && `, undone by change ${change.undoneBy.number}`}
              {change.rollout && (
                <>
                  , step of{" "}
                  <AppLink className="link" href={`/rollouts/${change.rollout.id}`}>
                    release {change.rollout.number}
                  </AppLink>
                </>
              )}
            </span>
          </span>
        </span>
      </td>
      <td>
        <ChangeStateBadge state={change.state} />
      </td>
      <td className="sm t2" style={{ whiteSpace: "normal", minWidth: 180 }}>
        <span className={change.state === "failed" ? "c-error" : undefined}>{standing(change)}</span>
        {change.state === "waiting" && change.expiresUnixMs !== null && (
          <span className="cap" style={{ display: "block" }}>
            ends <Countdown until={change.expiresUnixMs} otherwise="any moment" />
          </span>
        )}
      </td>
      <td className="t2">{change.author.name}</td>
      <td className="num">{change.leadTimeMs === null ? "–" : duration(change.leadTimeMs)}</td>
      <td className="num t2">
        <TimeAgo at={change.createdUnixMs} />
      </td>
      <td className="num">
        {waitsForMe(change) && (
          <LinkButton size="s" href={`/changes/${change.id}`} data-testid={`review-${change.number}`}>
            Review
          </LinkButton>
        )}
        {change.undoable && <UndoButton change={change} onStarted={(undo) => router.push(`/changes/${undo.id}`)} />}
      </td>
    </tr>
  );
}
