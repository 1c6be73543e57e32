"use client";

import { useQuery } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { trace } from "@/server/contracts/traffic.ts";
import { fetchJson } from "../../query/fetch-json.ts";
import { userMessageOf } from "../../query/portal-error.ts";
import { queryKeys } from "../../query/query-keys.ts";
import { milliseconds, textOf } from "../../ui/format.ts";
import { Skeleton } from "../../ui/states.tsx";
import { waterfall } from "../waterfall.ts";

/** The hops of one request under each other, by time. */
export function TraceView({ traceId }: { readonly traceId: string }) {
  const query = useQuery({
    queryKey: queryKeys.trace(traceId),
    queryFn: ({ signal }) => fetchJson(trace, `${endpoints.traces}?id=${traceId}`, { signal }),
    staleTime: 5_000,
    retry: false,
  });
  if (query.error) {
    return (
      <p className="cap" role="status" data-testid="trace">
        {userMessageOf(query.error)}
      </p>
    );
  }
  if (!query.data) {
    return (
      <div className="stack is-loading" role="status" aria-label="Loading the trace">
        <Skeleton width={300} />
        <Skeleton width={240} />
      </div>
    );
  }
  const bars = waterfall(query.data.spans);
  if (bars.length === 0) {
    return (
      <p className="cap" data-testid="trace">
        No hop of this trace is remembered: it was not sampled, or is older than what is kept. A Telemetry resource says
        how many requests are traced.
      </p>
    );
  }
  return (
    <ol className="wfall" aria-label="Hops of the request" data-testid="trace">
      {bars.map(({ span, depth, start, width }) => (
        <li
          key={span.spanId}
          title={Object.entries(span.attributes)
            .map(([key, value]) => `${key}: ${value}`)
            .join("\n")}
        >
          <span className="wname trunc" style={{ paddingLeft: depth * 10 }}>
            {span.name}
          </span>
          <span className="wbar">
            <i
              className={span.failed ? "is-error" : span.kind === "client" ? "is-client" : undefined}
              style={{ left: `${start * 100}%`, width: `max(2px, ${width * 100}%)` }}
            />
          </span>
          <span className={span.failed ? "num tn c-error" : "num tn"}>
            {span.failed && <TriangleAlert className="ic ic-12 inl" role="img" aria-label="failed," />}
            {textOf(milliseconds(span.durationMs))}
          </span>
        </li>
      ))}
    </ol>
  );
}
