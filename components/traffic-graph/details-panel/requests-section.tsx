import { Lock } from "lucide-react";
import type { EdgeDetails } from "@/server/contracts/traffic.ts";
import { count, milliseconds, textOf } from "../../ui/format.ts";
import { TimeAgo } from "../../ui/time-ago.tsx";
import { PanelSection } from "./panel-frame.tsx";

/** Paths that were asked for. Layer 4 knows only the port. */
export function PathsSection({ details }: { readonly details: EdgeDetails }) {
  return (
    <PanelSection first title="Paths" note={`${details.paths.length} seen`}>
      {details.paths.length === 0 ? (
        <p className="cap">None in this window.</p>
      ) : (
        <table className="reqs">
          <thead>
            <tr>
              <th scope="col">Request</th>
              <th scope="col" className="num">
                Count
              </th>
              <th scope="col" className="num">
                Errors
              </th>
              <th scope="col" className="num">
                Denied
              </th>
            </tr>
          </thead>
          <tbody>
            {details.paths.map((path) => (
              <tr key={`${path.method} ${path.path} ${path.port}`}>
                <td className="mono">{path.method === "" ? `TCP :${path.port}` : `${path.method} ${path.path}`}</td>
                <td className="num">{count(path.count)}</td>
                <td className={path.errors > 0 ? "num c-error" : "num t3"}>{count(path.errors)}</td>
                <td className={path.denied > 0 ? "num c-denied" : "num t3"}>{count(path.denied)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </PanelSection>
  );
}

/** Recent requests, sampled. */
export function RequestsSection({ details }: { readonly details: EdgeDetails }) {
  return (
    <PanelSection first title="Recent requests" note="sampled, newest first">
      {details.records.length === 0 ? (
        <p className="cap">None in this window.</p>
      ) : (
        <table className="reqs">
          <tbody>
            {details.records.map((record) => (
              <tr
                key={`${record.timeUnixMs} ${record.sourcePod} ${record.destinationPod} ${record.path} ${record.durationMs}`}
              >
                <td className="mono">
                  {record.method === "" ? "TCP" : `${record.method} ${record.path}`}
                  <div className="cap trunc" title={`${record.sourcePod} to ${record.destinationPod}`}>
                    {record.destinationPod}
                  </div>
                </td>
                <td className={record.code >= 500 ? "num c-error" : "num"}>
                  {record.code === 0 ? record.flags : record.code}
                </td>
                <td className="num nowrap">{textOf(milliseconds(record.durationMs))}</td>
                <td>
                  {record.mtls && <Lock className="ic ic-12 c-mtls" role="img" aria-label="mutually authenticated" />}
                </td>
                <td className="num t3">
                  <TimeAgo at={record.timeUnixMs} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </PanelSection>
  );
}
