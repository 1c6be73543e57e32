"use client";

import { Ban, CircleX, Download, FileClock } from "lucide-react";
import { type AuditAction, auditAction, auditList } from "@/server/contracts/audit.ts";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { queryKeys } from "../query/query-keys.ts";
import { useUrlState } from "../query/url-state.ts";
import { usePortalQuery } from "../query/use-portal-query.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { exact } from "../ui/format.ts";
import { Pick } from "../ui/menu.tsx";
import { Page, PageHead } from "../ui/page.tsx";
import { QueryFailure } from "../ui/query-states.tsx";
import { ScrollX } from "../ui/scroll-x.tsx";
import { Empty, SkeletonRows } from "../ui/states.tsx";

const actionWords: Record<AuditAction, string> = {
  "sign-in": "Signed in",
  "sign-out": "Signed out",
  "change-apply": "Applied a change",
  "change-undo": "Undid a change",
  "change-verified": "Change verified",
  "change-failed": "Change failed",
  "change-propose": "Asked for approval",
  "change-approve": "Approved a change",
  "change-reject": "Rejected a change",
  "change-withdraw": "Withdrew a change",
  "change-expired": "Approval ran out",
  "rollout-start": "Started a release",
  "rollout-promote": "Promoted a release",
  "rollout-pause": "Paused a release",
  "rollout-resume": "Resumed a release",
  "rollout-abort": "Aborted a release",
  "rollout-retry": "Tried a release again",
  "rollout-restart": "Restarted a release",
  "rollout-undo": "Undid a release",
  "rollout-ended": "Release ended",
  "token-made": "Made a token",
  "token-ended": "Ended a token",
  "try-it": "Sent requests",
  "settings-update": "Changed a setting",
  "audit-export": "Exported the audit",
};
const outcomes = ["done", "refused", "failed"] as const;
const limitMax = 500;

/** Who did what, and what was refused. Nothing here can be edited. */
export function AuditView() {
  const { parameters, change } = useUrlState();
  const action = auditAction.safeParse(parameters.get("action"));
  const outcome = outcomes.find((known) => known === parameters.get("outcome"));
  const limit = Math.min(limitMax, Number(parameters.get("limit")) || 100);
  const search = new URLSearchParams({ limit: String(limit) });
  if (action.success) {
    search.set("action", action.data);
  }
  if (outcome) {
    search.set("outcome", outcome);
  }
  const query = usePortalQuery(queryKeys.audit(search.toString()), auditList, `${endpoints.audit}?${search}`, 5000);
  const records = query.data?.records;
  return (
    <Page>
      <PageHead title="Audit" sub="every mutation, in order; nothing can be edited">
        <a className="btn" href={endpoints.auditExport} download>
          <Download className="ic ic-14" aria-hidden="true" />
          Export
        </a>
      </PageHead>
      <div className="filters">
        <Pick
          label="What"
          value={action.success ? action.data : "any"}
          choices={[
            { value: "any", label: "Anything" },
            ...auditAction.options.map((value) => ({ value, label: actionWords[value] })),
          ]}
          onChange={(next) => change({ action: next === "any" ? null : next })}
        />
        <Pick
          label="Outcome"
          value={outcome ?? "any"}
          choices={[
            { value: "any", label: "Any" },
            { value: "done", label: "Done" },
            { value: "refused", label: "Refused" },
            { value: "failed", label: "Failed" },
          ]}
          onChange={(next) => change({ outcome: next === "any" ? null : next })}
        />
      </div>
      {query.error && !records && <QueryFailure error={query.error} onRetry={() => void query.refetch()} />}
      {records?.length === 0 && (
        <Empty icon={FileClock} title="No such record">
          Widen the filters to see more.
        </Empty>
      )}
      {(records === undefined ? !query.error : records.length > 0) && (
        <ScrollX label="Records">
          <table className="table" style={{ "--pad-x": "var(--page-x)" } as React.CSSProperties}>
            <thead>
              <tr>
                <th scope="col" className="num">
                  #
                </th>
                <th scope="col">Time</th>
                <th scope="col">Who</th>
                <th scope="col">What</th>
                <th scope="col">About</th>
                <th scope="col">Outcome</th>
                <th scope="col">Address</th>
              </tr>
            </thead>
            {records === undefined ? (
              <SkeletonRows widths={[30, 160, 90, 110, 120, 60, 80]} rows={12} />
            ) : (
              <tbody>
                {records.map((record) => (
                  <tr key={record.sequence}>
                    <td className="num t3">{record.sequence}</td>
                    <td className="tn t2">{exact(record.timeUnixMs)}</td>
                    <td>{record.actor?.name ?? <span className="t3">the portal</span>}</td>
                    <td>{actionWords[record.action]}</td>
                    <td style={{ whiteSpace: "normal", minWidth: 260, paddingBlock: 5 }}>
                      {record.object}
                      {record.detail !== "" && (
                        <span className="cap" style={{ display: "block" }}>
                          {record.detail}
                        </span>
                      )}
                    </td>
                    <td>
                      {record.outcome === "done" ? (
                        <span className="t2">done</span>
                      ) : record.outcome === "refused" ? (
                        <Badge tone="denied" icon={Ban}>
                          Refused
                        </Badge>
                      ) : (
                        <Badge tone="error" icon={CircleX}>
                          Failed
                        </Badge>
                      )}
                    </td>
                    <td className="mono t3">{record.address}</td>
                  </tr>
                ))}
              </tbody>
            )}
          </table>
        </ScrollX>
      )}
      {query.data?.more && limit < limitMax && (
        <div style={{ padding: "var(--s-4) var(--page-x)" }}>
          <Button onClick={() => change({ limit: String(Math.min(limitMax, limit + 200)) })}>Show older records</Button>
        </div>
      )}
    </Page>
  );
}
