"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ArrowRight, Ban, Lock, LockOpen, ShieldQuestionMark } from "lucide-react";
import { useState } from "react";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { type EdgeDetails, edgeDetails } from "@/server/contracts/traffic.ts";
import { fetchJson } from "../../query/fetch-json.ts";
import { useLiveInterval } from "../../query/live.tsx";
import { prefilledHref } from "../../query/prefilled-href.ts";
import { queryKeys } from "../../query/query-keys.ts";
import { windowWords } from "../../query/time-window.ts";
import { Answers } from "../../ui/answers.tsx";
import { AppLink } from "../../ui/app-link.tsx";
import { LinkButton } from "../../ui/button.tsx";
import { Figure } from "../../ui/figure.tsx";
import { count, dayAndTime, exact, milliseconds, plural, rate, share } from "../../ui/format.ts";
import { PercentileChart } from "../../ui/percentile-chart.tsx";
import { Note } from "../../ui/states.tsx";
import { TabPanel, Tabs } from "../../ui/tabs.tsx";
import { whatIfHref } from "../../what-if/what-if-state.ts";
import { edgeOffers } from "../edge-offers.ts";
import type { Selection } from "../to-flow.ts";
import { BehindSection } from "./behind-section.tsx";
import { CopiesFigure, CopiesSection, hasOnlyCopies } from "./copies-section.tsx";
import { IdentitySection } from "./identity-section.tsx";
import { PanelFailure, PanelFrame, PanelLoading, PanelSection, Suggestions } from "./panel-frame.tsx";
import { PathsSection } from "./paths-section.tsx";
import { PoliciesSection } from "./policies-section.tsx";
import { RequestsSection } from "./requests-section.tsx";
import { ShadowsSection } from "./shadows-section.tsx";
import { VersionsSection } from "./versions-section.tsx";

interface EdgePanelProps {
  readonly from: string;
  readonly to: string;
  readonly windowSeconds: number;
  readonly onClose: () => void;
  readonly select: (selection: Selection) => void;
}

const nameOf = (id: string): string => id.slice(id.indexOf("/") + 1);

/** Everything about one edge: proof, figures, decisions, requests. */
export function EdgePanel({ from, to, windowSeconds, onClose, select }: EdgePanelProps) {
  const [tab, setTab] = useState<"summary" | "paths" | "requests">("summary");
  const query = useQuery({
    queryKey: queryKeys.edge(from, to, windowSeconds),
    queryFn: ({ signal }) =>
      fetchJson(
        edgeDetails,
        `${endpoints.graphEdge}?from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}&window=${windowSeconds}`,
        { signal },
      ),
    refetchInterval: useLiveInterval(2000),
    placeholderData: keepPreviousData,
  });
  const details = query.data;
  const offers = details ? edgeOffers(details) : [];
  const onlyCopies = details !== undefined && hasOnlyCopies(details.edge);
  const lock = details?.edge.mtlsShare ?? null;
  return (
    <PanelFrame
      label={`Edge ${nameOf(from)} to ${nameOf(to)}`}
      onClose={onClose}
      title={
        <>
          {lock !== null && lock > 0 && (
            <span className={lock === 1 ? "lock" : "lock is-part"}>
              {lock === 1 ? (
                <Lock className="ic" aria-label="Locked" role="img" />
              ) : (
                <LockOpen className="ic" aria-label="Partly locked" role="img" />
              )}
            </span>
          )}
          <button type="button" className="rowlink" onClick={() => select({ kind: "node", id: from })}>
            {nameOf(from)}
          </button>
          <ArrowRight className="ic ic-14" role="img" aria-label="to" />
          <button type="button" className="rowlink trunc" onClick={() => select({ kind: "node", id: to })}>
            {nameOf(to)}
          </button>
        </>
      }
      caption={details && <Since details={details} />}
      foot={details && !onlyCopies && <Suggestions suggestions={offers} />}
    >
      {!details &&
        (query.error ? <PanelFailure error={query.error} onRetry={() => void query.refetch()} /> : <PanelLoading />)}
      {details && onlyCopies && (
        <>
          <CopiesFigure edge={details.edge} />
          <div className="panel-body">
            <CopiesSection edge={details.edge} />
          </div>
        </>
      )}
      {details && !onlyCopies && (
        <>
          <Figures details={details} />
          <Tabs
            label="Edge"
            className="panel-tabs"
            tabs={[
              { value: "summary", label: "Summary" },
              { value: "paths", label: "Methods and paths" },
              { value: "requests", label: "Requests" },
            ]}
            value={tab}
            onChange={setTab}
          >
            <TabPanel value="summary" className="panel-body">
              {details.edge.copies > 0 && <CopiesSection edge={details.edge} />}
              <IdentitySection details={details} />
              {details.denials.length > 0 && (
                <PanelSection
                  title="Denied"
                  note={`${count(details.edge.denied)} in ${windowWords(details.windowSeconds)}`}
                >
                  <div className="stack">
                    {details.denials.map((denial) => (
                      <Note key={denial.groupId} icon={Ban}>
                        {denial.sentence}{" "}
                        <AppLink className="link" href={`/denials?open=${encodeURIComponent(denial.groupId)}`}>
                          Why was it denied
                        </AppLink>
                      </Note>
                    ))}
                  </div>
                </PanelSection>
              )}
              {details.behind && (
                <BehindSection
                  behind={details.behind}
                  words={`last ${windowWords(details.windowSeconds)}`}
                  whose={`all callers of ${nameOf(to)}`}
                />
              )}
              <VersionsSection versions={details.versions} words={`last ${windowWords(details.windowSeconds)}`} />
              <PanelSection title="Latency" note={`p50 · p95 · p99, last ${windowWords(details.windowSeconds)}`}>
                <PercentileChart series={details.series} words={`last ${windowWords(details.windowSeconds)}`} />
              </PanelSection>
              <PanelSection title="Answers" note="status and response flag">
                <Answers answers={details.answers} />
              </PanelSection>
              <PoliciesSection policies={details.policies} />
              <ShadowsSection shadows={details.shadows} />
              <PanelSection title="What else">
                <div className="row wrap">
                  <LinkButton size="s" icon={ShieldQuestionMark} href={whatIfOf(details)}>
                    Ask what it may do
                  </LinkButton>
                  {offers.slice(2).map((offer) => (
                    <LinkButton key={offer.title} size="s" href={prefilledHref(offer)} title={offer.reason}>
                      {offer.title}
                    </LinkButton>
                  ))}
                </div>
              </PanelSection>
            </TabPanel>
            <TabPanel value="paths" className="panel-body">
              <PathsSection details={details} />
            </TabPanel>
            <TabPanel value="requests" className="panel-body">
              <RequestsSection details={details} />
            </TabPanel>
          </Tabs>
        </>
      )}
    </PanelFrame>
  );
}

/** The question whether this caller may call, with its most frequent request. */
function whatIfOf({ edge, source, paths }: EdgeDetails): string {
  const [, namespace, account] = /\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(source.spiffeId ?? "") ?? [];
  const [most] = paths.filter(({ path }) => path !== "" && !path.includes("{"));
  return whatIfHref({
    from: namespace && account ? `${namespace}/${account}` : "plain",
    to: edge.to,
    ...(most && { method: most.method, path: most.path }),
  });
}

function Since({ details: { edge, mtlsSinceUnixMs } }: { readonly details: EdgeDetails }) {
  const what = edge.unit === "connections" ? "connection" : "request";
  if (hasOnlyCopies(edge)) {
    return <>Copies of requests to {nameOf(edge.from)} only</>;
  }
  if (edge.mtlsShare === null) {
    return <>Nothing got through in this window</>;
  }
  if (edge.mtlsShare === 1) {
    return (
      <>
        Every {what} mutually authenticated
        {mtlsSinceUnixMs !== null && (
          <>
            {" "}
            since <span title={exact(mtlsSinceUnixMs)}>{dayAndTime(mtlsSinceUnixMs)} UTC</span>
          </>
        )}
      </>
    );
  }
  return edge.mtlsShare === 0 ? (
    <>Plain text: nobody proves who they are</>
  ) : (
    <>Part of the {what}s are mutually authenticated</>
  );
}

function Figures({ details: { edge } }: { readonly details: EdgeDetails }) {
  return (
    <div className="figs">
      <div>
        <div className="v">
          <Figure of={rate(edge.rps, edge.unit === "connections" ? "conn/s" : "rps")} />
        </div>
        <div className="cap">{count(edge.count)} total</div>
      </div>
      <div>
        <div className={edge.errorShare > 0.01 ? "v c-error" : "v"}>
          <Figure of={share(edge.count > 0 ? edge.errorShare : null)} />
        </div>
        <div className="cap">
          {edge.denied > 0 ? `${count(edge.denied)} denied` : plural(Math.round(edge.errorShare * edge.count), "error")}
        </div>
      </div>
      <div>
        <div className="v">
          <Figure of={milliseconds(edge.p95Ms)} />
        </div>
        <div className="cap">p95</div>
      </div>
      <div>
        <div className={edge.mtlsShare === 1 ? "v c-mtls" : edge.mtlsShare ? "v c-warn" : "v"}>
          <Figure of={share(edge.mtlsShare)} />
        </div>
        <div className="cap">mTLS</div>
      </div>
    </div>
  );
}
