"use client";

import { ChevronDown, ChevronRight, Lock } from "lucide-react";
import { Fragment, useState } from "react";
import type { EdgeDetails, RequestRecord } from "@/server/contracts/traffic.ts";
import { bytes, milliseconds, plural, textOf } from "../../ui/format.ts";
import { TimeAgo } from "../../ui/time-ago.tsx";
import { PanelSection } from "./panel-frame.tsx";
import { TraceView } from "./trace-view.tsx";

const keyOf = ({ timeUnixMs, sourcePod, destinationPod, path, durationMs, traceId }: RequestRecord): string =>
  `${timeUnixMs} ${sourcePod} ${destinationPod} ${path} ${durationMs} ${traceId}`;

/** Recent requests, sampled; a row opens into its route, its tries and its trace. */
export function RequestsSection({ details }: { readonly details: EdgeDetails }) {
  const [open, setOpen] = useState<string | null>(null);
  return (
    <PanelSection first title="Recent requests" note="sampled, newest first">
      {details.records.length === 0 ? (
        <p className="cap">None in this window.</p>
      ) : (
        <table className="reqs is-records">
          <tbody>
            {details.records.map((record) => {
              const key = keyOf(record);
              const opened = open === key;
              const words = record.method === "" ? "TCP" : `${record.method} ${record.path}`;
              return (
                <Fragment key={key}>
                  <tr>
                    <td className="ex">
                      <button
                        type="button"
                        className="btn is-ghost is-icon is-s"
                        aria-expanded={opened}
                        aria-label={`${words}: route, tries and trace`}
                        onClick={() => setOpen(opened ? null : key)}
                      >
                        {opened ? (
                          <ChevronDown className="ic ic-14" aria-hidden="true" />
                        ) : (
                          <ChevronRight className="ic ic-14" aria-hidden="true" />
                        )}
                      </button>
                    </td>
                    <td className="mono">
                      {words}
                      <div className="cap trunc" title={`${record.sourcePod} to ${record.destinationPod}`}>
                        {record.attempts > 1 && (
                          <span className="c-warn">{plural(record.attempts, "try", "tries")} · </span>
                        )}
                        {record.destinationPod}
                      </div>
                    </td>
                    <td className={record.code >= 500 ? "num c-error" : record.code === 403 ? "num c-denied" : "num"}>
                      {record.code === 0 ? record.flags : record.code}
                    </td>
                    <td className="num nowrap">{textOf(milliseconds(record.durationMs))}</td>
                    <td>
                      {record.mtls && (
                        <Lock className="ic ic-12 c-mtls" role="img" aria-label="mutually authenticated" />
                      )}
                    </td>
                    <td className="num t3">
                      <TimeAgo at={record.timeUnixMs} />
                    </td>
                  </tr>
                  {opened && (
                    <tr className="req-detail" data-testid="request-detail">
                      <td colSpan={6}>
                        <RecordDetail record={record} />
                      </td>
                    </tr>
                  )}
                </Fragment>
              );
            })}
          </tbody>
        </table>
      )}
    </PanelSection>
  );
}

const noRoute = ({ protocol, attempts }: RequestRecord): string =>
  protocol === "" ? "none: an agent passes on what it gets" : attempts > 0 ? "none, so the default" : "none was taken";

function RecordDetail({ record }: { readonly record: RequestRecord }) {
  const { route, attempts, protocol, flags, version, sourcePod, traceId } = record;
  return (
    <>
      <dl className="kv">
        <dt>Route</dt>
        <dd className="mono">{route === "" ? <span className="t3">{noRoute(record)}</span> : route}</dd>
        {attempts > 0 && (
          <>
            <dt>Tries</dt>
            <dd className={attempts > 1 ? "c-warn" : undefined}>{attempts}</dd>
          </>
        )}
        <dt>Protocol</dt>
        <dd>
          {protocol === "" ? <span className="t3">not known</span> : protocol}, {textOf(bytes(record.bytes))}
        </dd>
        {flags !== "-" && (
          <>
            <dt>Flag</dt>
            <dd className="mono">{flags}</dd>
          </>
        )}
        <dt>From</dt>
        <dd className="mono trunc">{sourcePod === "" ? "not known" : sourcePod}</dd>
        {version !== "" && version !== "unknown" && (
          <>
            <dt>Version</dt>
            <dd>{version}</dd>
          </>
        )}
      </dl>
      {/^[0-9a-f]{32}$/.test(traceId) ? <TraceView traceId={traceId} /> : <p className="cap">It was not traced.</p>}
    </>
  );
}
