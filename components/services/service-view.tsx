"use client";

import { ShieldQuestionMark, Terminal, Waypoints } from "lucide-react";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { type ServiceDetails, serviceDetails } from "@/server/contracts/services.ts";
import { useTimeWindow } from "../query/live.tsx";
import { queryKeys } from "../query/query-keys.ts";
import { windowWords } from "../query/time-window.ts";
import { useUrlState } from "../query/url-state.ts";
import { useMe } from "../query/use-me.tsx";
import { usePortalQuery } from "../query/use-portal-query.ts";
import { RunningLine } from "../rollouts/running-line.tsx";
import { AppLink } from "../ui/app-link.tsx";
import { LinkButton } from "../ui/button.tsx";
import { Figure } from "../ui/figure.tsx";
import { milliseconds, plural, rate, share } from "../ui/format.ts";
import { HealthDot } from "../ui/health-dot.tsx";
import { LockBadge } from "../ui/lock-badge.tsx";
import { Page, PageHead } from "../ui/page.tsx";
import { LoadingLine, QueryFailure } from "../ui/query-states.tsx";
import { TabPanel, Tabs } from "../ui/tabs.tsx";
import { WaypointBadge } from "../ui/waypoint-badge.tsx";
import { whatIfHref } from "../what-if/what-if-state.ts";
import { ServiceAccess } from "./service-access.tsx";
import { ServiceChanges } from "./service-changes.tsx";
import { ServicePods } from "./service-pods.tsx";
import { ServiceReleases } from "./service-releases.tsx";
import { ServiceTraffic } from "./service-traffic.tsx";

const tabNames = ["traffic", "access", "releases", "pods", "changes"] as const;
type TabName = (typeof tabNames)[number];

/** One service: who calls it, who may, what runs, what changed. */
export function ServiceView({ namespace, name }: { readonly namespace: string; readonly name: string }) {
  const me = useMe();
  const window_ = useTimeWindow();
  const { parameters, change } = useUrlState();
  const tab: TabName = tabNames.find((known) => known === parameters.get("tab")) ?? "traffic";
  const query = usePortalQuery(
    queryKeys.service(namespace, name, window_.seconds),
    serviceDetails,
    `${endpoints.service(namespace, name)}?window=${window_.seconds}`,
    2000,
  );
  const details = query.data;
  const crumb = (
    <>
      <AppLink href="/services">Services</AppLink> / {namespace}
    </>
  );
  if (!details) {
    return (
      <Page>
        <PageHead title={name} crumb={crumb} />
        {query.error ? (
          <QueryFailure
            error={query.error}
            onRetry={() => void query.refetch()}
            action={
              <LinkButton size="s" href="/services">
                All services
              </LinkButton>
            }
          />
        ) : (
          <LoadingLine>Reading the service</LoadingLine>
        )}
      </Page>
    );
  }
  const port = details.ports[0]?.port ?? 80;
  return (
    <Page className="svc-page">
      <PageHead
        title={
          <span className="row">
            <HealthDot health={details.summary.health} />
            {name}
            {details.summary.waypoint && (
              <WaypointBadge quiet waypoint={details.summary.waypoint.waypoint} way={details.summary.waypoint.way} />
            )}
          </span>
        }
        crumb={crumb}
        sub={about(details)}
      >
        <LinkButton href={`/graph?node=${encodeURIComponent(`${namespace}/${name}`)}`} icon={Waypoints}>
          Show in graph
        </LinkButton>
        {details.summary.kind === "service" && (
          <LinkButton
            className="hide-narrow"
            href={whatIfHref({ to: `${namespace}/${name}`, port: String(port) })}
            icon={ShieldQuestionMark}
          >
            Who may call it
          </LinkButton>
        )}
        {me.capabilities.tryIt && (
          <LinkButton
            href={`/try-it?url=${encodeURIComponent(`http://${name}.${namespace}:${port}/`)}`}
            icon={Terminal}
          >
            Try it
          </LinkButton>
        )}
      </PageHead>
      <RunningLine service={{ namespace, name }} />
      <Strip details={details} />
      <Tabs
        label="Service"
        className="svc-tabs"
        tabs={[
          { value: "traffic", label: "Traffic" },
          {
            value: "access",
            label: "Access and routing",
            badge: String(details.policies.length + details.routing.length),
            warn: details.summary.layer7Unenforced || details.routing.some(({ state }) => state === "not-in-force"),
          },
          { value: "releases", label: "Releases" },
          { value: "pods", label: "Pods and identity", badge: String(details.podList.length) },
          { value: "changes", label: "Changes", badge: String(details.changes.length) },
        ]}
        value={tab}
        onChange={(next) => change({ tab: next === "traffic" ? null : next })}
      >
        <TabPanel value="traffic">
          <ServiceTraffic details={details} />
        </TabPanel>
        <TabPanel value="access">
          <ServiceAccess details={details} />
        </TabPanel>
        <TabPanel value="releases">
          <ServiceReleases service={{ namespace, name }} />
        </TabPanel>
        <TabPanel value="pods">
          <ServicePods details={details} />
        </TabPanel>
        <TabPanel value="changes">
          <ServiceChanges changes={details.changes} />
        </TabPanel>
      </Tabs>
    </Page>
  );
}

function about({ summary }: ServiceDetails): string {
  const owner = summary.team === "" ? "owned by nobody" : `team ${summary.team}`;
  return summary.healthReason === "" ? owner : `${owner} · ${summary.healthReason}`;
}

function Strip({ details: { summary, windowSeconds } }: { readonly details: ServiceDetails }) {
  const { captured, pods } = summary.enrolment;
  return (
    <div className="strip4 is-five">
      <div>
        <span className="cap">Rate, {windowWords(windowSeconds)}</span>
        <div className="fig">
          <Figure of={rate(summary.rps)} />
        </div>
      </div>
      <div>
        <span className="cap">Errors</span>
        <div className={summary.errorShare > 0.01 ? "fig c-error" : "fig"}>
          <Figure of={share(summary.rps > 0 ? summary.errorShare : null)} />
        </div>
      </div>
      <div>
        <span className="cap">p95</span>
        <div className="fig">
          <Figure of={milliseconds(summary.p95Ms)} />
        </div>
      </div>
      <div>
        <span className="cap">mTLS of callers</span>
        <div className="fig" style={{ fontSize: "var(--text-xl)" }}>
          <LockBadge share={summary.mtlsShare} none="plain text" />
        </div>
      </div>
      <div>
        <span className="cap">In the mesh</span>
        <div className="fig" style={{ fontSize: "var(--text-xl)" }}>
          {pods === 0 ? <span className="t3">a proxy itself</span> : `${captured} of ${plural(pods, "pod")}`}
        </div>
      </div>
    </div>
  );
}
