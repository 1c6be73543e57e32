import { CircleAlert, CircleCheck, CircleX, Hourglass, type LucideIcon } from "lucide-react";
import { Fragment } from "react";
import type { MeshState, ProxyState } from "@/server/contracts/mesh.ts";
import { Badge, type Tone } from "../ui/badge.tsx";
import { Figure } from "../ui/figure.tsx";
import { bytes, count, exact } from "../ui/format.ts";
import { ScrollX } from "../ui/scroll-x.tsx";
import { TimeAgo } from "../ui/time-ago.tsx";

const states: Record<ProxyState, { tone: Tone; icon: LucideIcon; word: string }> = {
  "in-sync": { tone: "ok", icon: CircleCheck, word: "In sync" },
  rejecting: { tone: "warn", icon: CircleAlert, word: "Refuses some" },
  stale: { tone: "warn", icon: Hourglass, word: "Stale" },
  disconnected: { tone: "error", icon: CircleX, word: "Disconnected" },
};

/** When the first of its certificates ends. */
function certificateTitle({ certificates }: MeshState["proxies"][number]): string {
  const first = Math.min(...certificates.map(({ notAfterUnixMs }) => notAfterUnixMs));
  return certificates.length === 0 ? "holds none" : `the first ends ${exact(first)}`;
}

/** Every agent, waypoint and gateway: in sync or not, what it holds, what it refused. */
export function MeshProxies({ proxies }: { readonly proxies: MeshState["proxies"] }) {
  return (
    <section aria-label="Agents, waypoints and gateways">
      <div className="section-head" style={{ padding: "12px var(--page-x) 2px" }}>
        <h2>Agents, waypoints and gateways</h2>
      </div>
      <ScrollX label="Proxies">
        <table className="table" style={{ "--pad-x": "var(--page-x)" } as React.CSSProperties}>
          <thead>
            <tr>
              <th scope="col">Proxy</th>
              <th scope="col">Kind</th>
              <th scope="col">State</th>
              <th scope="col">Node</th>
              <th scope="col" className="num">
                Configured
              </th>
              <th scope="col" className="num">
                Workloads
              </th>
              <th scope="col" className="num">
                Services
              </th>
              <th scope="col" className="num">
                Rules
              </th>
              <th scope="col" className="num">
                Certificates
              </th>
              <th scope="col" className="num">
                Connections
              </th>
              <th scope="col" className="num">
                Memory
              </th>
            </tr>
          </thead>
          <tbody>
            {proxies.map((proxy) => {
              const { tone, icon, word } = states[proxy.state];
              return (
                <Fragment key={proxy.name}>
                  <tr data-testid={`proxy-${proxy.name}`} data-state={proxy.state}>
                    <td className="mono">{proxy.name}</td>
                    <td className="t2">{proxy.kind}</td>
                    <td>
                      <span title={proxy.stateText}>
                        <Badge tone={tone} icon={icon}>
                          {word}
                        </Badge>
                      </span>
                    </td>
                    <td className="t2">{proxy.node}</td>
                    <td className="num t2">
                      {proxy.lastAppliedUnixMs === 0 ? "never" : <TimeAgo at={proxy.lastAppliedUnixMs} />}
                    </td>
                    <td className="num">{count(proxy.workloads)}</td>
                    <td className="num">{count(proxy.services)}</td>
                    <td className="num">{count(proxy.authorizations)}</td>
                    <td className="num" title={certificateTitle(proxy)}>
                      {count(proxy.certificates.length)}
                    </td>
                    <td className="num">{count(proxy.openConnections)}</td>
                    <td className="num">
                      <Figure of={bytes(proxy.residentBytes)} />
                    </td>
                  </tr>
                  {(proxy.rejected.length > 0 || (proxy.state !== "in-sync" && proxy.stateText !== "")) && (
                    <tr className="same">
                      <td colSpan={11} style={{ whiteSpace: "normal", height: "auto", paddingBlock: 8 }}>
                        <ul className="sm">
                          {proxy.stateText !== "" && <li className="c-warn">{proxy.stateText}</li>}
                          {proxy.rejected.map((rejected) => (
                            <li key={`${rejected.type} ${rejected.name}`}>
                              <span className="mono">{rejected.name}</span> <span className="t3">{rejected.type}</span>:{" "}
                              {rejected.reason}
                            </li>
                          ))}
                        </ul>
                      </td>
                    </tr>
                  )}
                </Fragment>
              );
            })}
            {proxies.length === 0 && (
              <tr>
                <td colSpan={11} className="t3">
                  No proxy reported yet.
                </td>
              </tr>
            )}
          </tbody>
        </table>
      </ScrollX>
    </section>
  );
}
