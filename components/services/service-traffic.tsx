import { ArrowRight } from "lucide-react";
import type { ServiceDetails } from "@/server/contracts/services.ts";
import type { GraphEdge } from "@/server/contracts/traffic.ts";
import { windowWords } from "../query/time-window.ts";
import { Answers } from "../ui/answers.tsx";
import { AppLink } from "../ui/app-link.tsx";
import { Figure } from "../ui/figure.tsx";
import { count, milliseconds, rate, share } from "../ui/format.ts";
import { LockBadge } from "../ui/lock-badge.tsx";
import { Section } from "../ui/page.tsx";
import { PercentileChart } from "../ui/percentile-chart.tsx";
import { ScrollX } from "../ui/scroll-x.tsx";

/** Callers, callees, paths, answers and latency of one service. */
export function ServiceTraffic({ details }: { readonly details: ServiceDetails }) {
  const words = `last ${windowWords(details.windowSeconds)}`;
  return (
    <>
      <EdgeTable title="Who calls it" edges={details.callers} end="from" none="Nobody called it in this window." />
      <EdgeTable title="Whom it calls" edges={details.callees} end="to" none="It called nobody in this window." />
      <div className="cols">
        <Section className="block" title="Latency" sub={`p50, p95, p99, ${words}`}>
          <PercentileChart series={details.series} words={words} />
        </Section>
        <Section className="block" title="Answers" sub="status and response flag">
          <Answers answers={details.answers} />
        </Section>
        <Section className="block" title="Paths" sub={words}>
          {details.paths.length === 0 ? (
            <p className="cap">None in this window.</p>
          ) : (
            <table className="reqs">
              <tbody>
                {details.paths.map((path) => (
                  <tr key={`${path.method} ${path.path} ${path.port}`}>
                    <td className="mono">{path.method === "" ? `TCP :${path.port}` : `${path.method} ${path.path}`}</td>
                    <td className="num tn">{count(path.count)}</td>
                    <td className={path.denied > 0 ? "num c-denied" : "num t3"}>
                      {path.denied > 0 ? `${count(path.denied)} denied` : ""}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </Section>
      </div>
    </>
  );
}

interface EdgeTableProps {
  readonly title: string;
  readonly edges: readonly GraphEdge[];
  readonly end: "from" | "to";
  readonly none: string;
}

function EdgeTable({ title, edges, end, none }: EdgeTableProps) {
  return (
    <>
      <div className="section-head" style={{ padding: "10px var(--page-x) 2px" }}>
        <h2>{title}</h2>
      </div>
      {edges.length === 0 ? (
        <p className="cap" style={{ padding: "2px var(--page-x) 14px" }}>
          {none}
        </p>
      ) : (
        <ScrollX label="Traffic">
          <table className="table is-aligned" style={{ "--pad-x": "var(--page-x)" } as React.CSSProperties}>
            <thead>
              <tr>
                <th scope="col">Service</th>
                <th scope="col" className="num">
                  Rate
                </th>
                <th scope="col" className="num">
                  Errors
                </th>
                <th scope="col" className="num">
                  p95
                </th>
                <th scope="col" className="num">
                  Denied
                </th>
                <th scope="col">mTLS</th>
                <td />
              </tr>
            </thead>
            <tbody>
              {edges.map((edge) => {
                const other = edge[end];
                const slash = other.indexOf("/");
                return (
                  <tr key={edge.id}>
                    <td>
                      <span className="svc">{other.slice(slash + 1)}</span>{" "}
                      <span className="t3">{slash > 0 ? other.slice(0, slash) : ""}</span>
                    </td>
                    <td className="num">
                      <Figure of={rate(edge.rps, edge.unit === "connections" ? "conn/s" : "rps")} />
                    </td>
                    <td className={edge.errorShare > 0.01 ? "num c-error" : "num"}>
                      <Figure of={share(edge.count > 0 ? edge.errorShare : null)} />
                    </td>
                    <td className="num">
                      <Figure of={milliseconds(edge.p95Ms)} />
                    </td>
                    <td className={edge.denied > 0 ? "num c-denied" : "num t3"}>{count(edge.denied)}</td>
                    <td>
                      <LockBadge share={edge.mtlsShare} none="plain text" />
                    </td>
                    <td className="num">
                      <AppLink className="link xs" href={`/graph?edge=${encodeURIComponent(edge.id)}`}>
                        In the graph <ArrowRight className="ic ic-12 inl" aria-hidden="true" />
                      </AppLink>
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </ScrollX>
      )}
    </>
  );
}
