"use client";

import { ArrowRight } from "lucide-react";
import { deniedRequests } from "@/server/contracts/denials.ts";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { queryKeys } from "../query/query-keys.ts";
import { usePortalQuery } from "../query/use-portal-query.ts";
import { clock, count, exact } from "../ui/format.ts";
import { QueryFailure } from "../ui/query-states.tsx";
import { ScrollX } from "../ui/scroll-x.tsx";
import { SkeletonRows } from "../ui/states.tsx";
import { requestWords } from "./denial-table.tsx";

/** Refusals one by one, newest first. Alike ones within a second are one row. */
export function EveryRequest({ search, filter }: { readonly search: string; readonly filter: string }) {
  const query = usePortalQuery(
    queryKeys.deniedRequests(search),
    deniedRequests,
    `${endpoints.deniedRequests}?${search}`,
    2000,
  );
  const requests = query.data?.requests.filter((request) =>
    `${request.caller.title} ${request.caller.principal} ${request.service.namespace}/${request.service.name} ${request.method} ${request.path} ${request.reasonTitle}`
      .toLowerCase()
      .includes(filter),
  );
  if (query.error && !requests) {
    return <QueryFailure error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (requests?.length === 0) {
    return null;
  }
  return (
    <ScrollX label="Refused requests">
      <table className="table is-dense" style={{ "--pad-x": "var(--page-x)" } as React.CSSProperties}>
        <thead>
          <tr>
            <th scope="col">Time, UTC</th>
            <th scope="col">Caller and service</th>
            <th scope="col">Request</th>
            <th scope="col">Reason</th>
            <th scope="col">Decided at</th>
            <th scope="col">Answer</th>
            <th scope="col">Caller's pod</th>
            <th scope="col" className="num">
              Count
            </th>
          </tr>
        </thead>
        {requests === undefined ? (
          <SkeletonRows widths={[60, 150, 80, 150, 90, 40, 140, 30]} rows={12} />
        ) : (
          <tbody>
            {requests.map((request) => (
              <tr key={`${request.timeUnixMs} ${request.groupId} ${request.caller.pod}`}>
                <td className="tn" title={exact(request.timeUnixMs)}>
                  {clock(request.timeUnixMs)}
                </td>
                <td>
                  <span className="svc">{request.caller.title}</span>{" "}
                  <ArrowRight className="ic ic-12 inl t3" role="img" aria-label="to" />{" "}
                  <span className="svc">{request.service.name}</span>
                </td>
                <td className="mono">{requestWords(request)}</td>
                <td>{request.reasonTitle}</td>
                <td className="t2">
                  {request.enforcer}
                  {request.node !== "" && `, ${request.node}`}
                </td>
                <td className="mono t2">{request.answerTitle}</td>
                <td className="mono t3">{request.caller.pod === "" ? request.caller.ip : request.caller.pod}</td>
                <td className="num">{count(request.count)}</td>
              </tr>
            ))}
          </tbody>
        )}
      </table>
    </ScrollX>
  );
}
