"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { type GraphEdge, type NodeDetails, nodeDetails } from "@/server/contracts/traffic.ts";
import { fetchJson } from "../../query/fetch-json.ts";
import { useLiveInterval } from "../../query/live.tsx";
import { queryKeys } from "../../query/query-keys.ts";
import { windowWords } from "../../query/time-window.ts";
import { RunningLine } from "../../rollouts/running-line.tsx";
import { Answers } from "../../ui/answers.tsx";
import { LinkButton } from "../../ui/button.tsx";
import { Figure } from "../../ui/figure.tsx";
import { count, milliseconds, rate, share, textOf } from "../../ui/format.ts";
import { HealthDot } from "../../ui/health-dot.tsx";
import { LockBadge } from "../../ui/lock-badge.tsx";
import { PercentileChart } from "../../ui/percentile-chart.tsx";
import { WaypointBadge } from "../../ui/waypoint-badge.tsx";
import type { Selection } from "../to-flow.ts";
import { BehindSection } from "./behind-section.tsx";
import { PanelFailure, PanelFrame, PanelLoading, PanelSection, Suggestions } from "./panel-frame.tsx";
import { VersionsSection } from "./versions-section.tsx";

interface NodePanelProps {
  readonly id: string;
  readonly windowSeconds: number;
  readonly onClose: () => void;
  readonly select: (selection: Selection) => void;
}

const nameOf = (id: string): string => id.slice(id.indexOf("/") + 1);

/** One service as the graph knows it: who calls it, whom it calls, how well. */
export function NodePanel({ id, windowSeconds, onClose, select }: NodePanelProps) {
  const query = useQuery({
    queryKey: queryKeys.node(id, windowSeconds),
    queryFn: ({ signal }) =>
      fetchJson(nodeDetails, `${endpoints.graphNode}?id=${encodeURIComponent(id)}&window=${windowSeconds}`, { signal }),
    refetchInterval: useLiveInterval(2000),
    placeholderData: keepPreviousData,
  });
  const details = query.data;
  return (
    <PanelFrame
      label={`Service ${nameOf(id)}`}
      onClose={onClose}
      title={
        <>
          {details && <HealthDot health={details.node.health} />} {nameOf(id)}
        </>
      }
      caption={details && <Caption details={details} />}
      foot={details && <Suggestions suggestions={details.suggestions} />}
    >
      {!details &&
        (query.error ? <PanelFailure error={query.error} onRetry={() => void query.refetch()} /> : <PanelLoading />)}
      {details && (
        <>
          <Figures details={details} />
          <div className="panel-body">
            {details.node.waypoint !== "" && (
              <PanelSection>
                <WaypointBadge waypoint={details.node.waypoint} way={details.node.waypointWay} />
              </PanelSection>
            )}
            <PanelSection title="Callers" note={`last ${windowWords(details.windowSeconds)}`}>
              <Edges edges={details.callers} end="from" select={select} none="Nobody called it." />
            </PanelSection>
            <PanelSection title="Calls">
              <Edges edges={details.callees} end="to" select={select} none="It called nobody." />
            </PanelSection>
            {details.behind && (
              <BehindSection
                behind={details.behind}
                words={`last ${windowWords(details.windowSeconds)}`}
                whose="all callers together"
              />
            )}
            {details.node.kind === "service" && (
              <RunningLine service={details.node} className="panel-sec running-line" />
            )}
            <VersionsSection versions={details.node.versions} words={`last ${windowWords(details.windowSeconds)}`} />
            <PanelSection title="Latency" note="p50 · p95 · p99">
              <PercentileChart series={details.series} words={`last ${windowWords(details.windowSeconds)}`} />
            </PanelSection>
            <PanelSection title="Answers" note="status and response flag">
              <Answers answers={details.answers} />
            </PanelSection>
            {(details.node.kind === "waypoint" || details.node.kind === "gateway") && (
              <PanelSection>
                <LinkButton href="/mesh">Open the mesh</LinkButton>
              </PanelSection>
            )}
            {(details.node.kind === "service" || details.node.kind === "gateway") && (
              <PanelSection>
                <LinkButton href={`/services/${details.node.namespace}/${details.node.name}`}>
                  Open {details.node.name}
                </LinkButton>
              </PanelSection>
            )}
          </div>
        </>
      )}
    </PanelFrame>
  );
}

function Caption({ details: { node } }: { readonly details: NodeDetails }) {
  if (node.kind === "outside") {
    return <>Clients outside that ask for this host</>;
  }
  if (node.kind === "unknown") {
    return <>Callers that no pod is known for</>;
  }
  const { captured, pods } = node.enrolment;
  return (
    <>
      {node.namespace}
      {node.team !== "" && `, team ${node.team}`},{" "}
      {pods === 0 ? "a proxy itself" : `${captured} of ${pods} pods in the mesh`}
      {node.healthReason !== "" && <>. {node.healthReason}</>}
    </>
  );
}

function Figures({ details: { node } }: { readonly details: NodeDetails }) {
  return (
    <div className="figs">
      <div>
        <div className="v">
          <Figure of={rate(node.rpsIn)} />
        </div>
        <div className="cap">in</div>
      </div>
      <div>
        <div className="v">
          <Figure of={rate(node.rpsOut)} />
        </div>
        <div className="cap">out</div>
      </div>
      <div>
        <div className={node.errorShare > 0.01 ? "v c-error" : "v"}>
          <Figure of={share(node.rpsIn > 0 ? node.errorShare : null)} />
        </div>
        <div className="cap">errors</div>
      </div>
      <div>
        <div className="v">
          <Figure of={milliseconds(node.p95Ms)} />
        </div>
        <div className="cap">p95</div>
      </div>
    </div>
  );
}

interface EdgesProps {
  readonly edges: readonly GraphEdge[];
  /** Which end is the other one. */
  readonly end: "from" | "to";
  readonly select: (selection: Selection) => void;
  readonly none: string;
}

function Edges({ edges, end, select, none }: EdgesProps) {
  if (edges.length === 0) {
    return <p className="cap">{none}</p>;
  }
  return (
    <table className="reqs">
      <tbody>
        {edges.map((edge) => (
          <tr key={edge.id}>
            <td>
              <button type="button" className="rowlink" onClick={() => select({ kind: "edge", id: edge.id })}>
                <span className="svc">{nameOf(edge[end])}</span>
              </button>
            </td>
            <td className="num tn">{textOf(rate(edge.rps, edge.unit === "connections" ? "conn/s" : "rps"))}</td>
            <td className={edge.denied > 0 ? "num c-denied" : "num t3"}>
              {edge.denied > 0 ? `${count(edge.denied)} denied` : textOf(share(edge.errorShare))}
            </td>
            <td className="num">
              <LockBadge share={edge.mtlsShare} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
