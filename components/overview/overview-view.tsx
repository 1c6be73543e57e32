"use client";

import { Plus, Waypoints } from "lucide-react";
import { useState } from "react";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { overview } from "@/server/contracts/overview.ts";
import { DriftNotices } from "../drift/drift-notices.tsx";
import { useDrift } from "../drift/use-drift.ts";
import { useTimeWindow } from "../query/live.tsx";
import { queryKeys } from "../query/query-keys.ts";
import { windowWords } from "../query/time-window.ts";
import { useMe } from "../query/use-me.tsx";
import { usePortalQuery } from "../query/use-portal-query.ts";
import { ServicesTable } from "../services/services-table.tsx";
import { useTeam } from "../shell/team-pick.tsx";
import { LinkButton } from "../ui/button.tsx";
import { plural } from "../ui/format.ts";
import { Page, PageHead } from "../ui/page.tsx";
import { QueryFailure } from "../ui/query-states.tsx";
import { SearchBox } from "../ui/search-box.tsx";
import { Attention, Lately } from "./changes-lists.tsx";
import { Gaps } from "./gaps.tsx";
import { LeadTime } from "./lead-time.tsx";
import { RunningReleases } from "./running-releases.tsx";
import { Totals } from "./totals.tsx";
import { WaitingLists } from "./waiting.tsx";

/** My services and those they touch, what waits, how long changes take, what is not covered. */
export function OverviewView() {
  const me = useMe();
  const team = useTeam();
  const window_ = useTimeWindow();
  const [text, setText] = useState("");
  const query = usePortalQuery(
    queryKeys.overview(team, window_.seconds),
    overview,
    `${endpoints.overview}?team=${encodeURIComponent(team)}&window=${window_.seconds}`,
    2000,
  );
  const drift = useDrift();
  const data = query.data;
  const title = team === "all" ? "All teams" : (me.teams.find((mine) => mine.name === team)?.title ?? team);
  const mine = data?.services.filter((service) => service.team === team).length ?? 0;
  const others = (data?.services.length ?? 0) - mine;
  return (
    <Page className="ov">
      <div className="main">
        <PageHead
          title={title}
          sub={
            data &&
            (team === "all"
              ? plural(data.services.length, "service")
              : `${plural(mine, "service")} of the team and ${others} ${others === 1 ? "other" : "others"} it touches`)
          }
        >
          <LinkButton href="/graph" icon={Waypoints} className="hide-narrow">
            Open graph
          </LinkButton>
          {me.capabilities.preview && (
            <LinkButton href="/golden-paths" icon={Plus} look="primary">
              New change
            </LinkButton>
          )}
        </PageHead>
        <DriftNotices items={drift.data?.items} />
        <Totals totals={data?.totals} />
        <div className="section-head" style={{ padding: "14px var(--page-x) 2px" }}>
          <h2>Services</h2>
          <span className="sub hide-narrow">
            last {windowWords(data?.windowSeconds ?? window_.seconds)}, sparklines up to 1 h
          </span>
          <span className="grow" />
          <SearchBox label="Find a service" placeholder="Find a service" value={text} onChange={setText} width={210} />
        </div>
        {query.error && !data ? (
          <QueryFailure error={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <ServicesTable services={data?.services} filter={text} stale={query.isError} />
        )}
        {data && <Gaps gaps={data.gaps} mayChange={me.capabilities.preview} />}
      </div>
      <aside className="side" aria-label="Changes and releases">
        <WaitingLists />
        <RunningReleases />
        <Attention changes={data?.attention} />
        <LeadTime leadTime={data?.leadTime} />
        <Lately changes={data?.lately} />
      </aside>
    </Page>
  );
}
