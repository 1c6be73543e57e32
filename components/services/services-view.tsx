"use client";

import { endpoints } from "@/server/contracts/endpoints.ts";
import { serviceList } from "@/server/contracts/services.ts";
import { useTimeWindow } from "../query/live.tsx";
import { queryKeys } from "../query/query-keys.ts";
import { windowWords } from "../query/time-window.ts";
import { useUrlState } from "../query/url-state.ts";
import { useMe } from "../query/use-me.tsx";
import { usePortalQuery } from "../query/use-portal-query.ts";
import { plural } from "../ui/format.ts";
import { Pick } from "../ui/menu.tsx";
import { Page, PageHead } from "../ui/page.tsx";
import { QueryFailure } from "../ui/query-states.tsx";
import { SearchBox } from "../ui/search-box.tsx";
import { ServicesTable } from "./services-table.tsx";

/** Every service of the mesh. */
export function ServicesView() {
  const me = useMe();
  const window_ = useTimeWindow();
  const { parameters, change } = useUrlState();
  const text = parameters.get("find") ?? "";
  const team = parameters.get("team") ?? "all";
  const query = usePortalQuery(
    queryKeys.services(window_.seconds),
    serviceList,
    `${endpoints.services}?window=${window_.seconds}`,
    2000,
  );
  const services = query.data?.services;
  const teams = [...new Set([...(services ?? []).map((service) => service.team), ...me.teams.map((mine) => mine.name)])]
    .filter((name) => name !== "")
    .sort();
  const shown = services?.filter((service) => team === "all" || service.team === team);
  return (
    <Page>
      <PageHead
        title="Services"
        sub={
          shown &&
          `${plural(shown.length, "service")}, last ${windowWords(query.data?.windowSeconds ?? window_.seconds)}`
        }
      />
      <div className="filters">
        <SearchBox
          label="Find a service"
          placeholder="Name, namespace or team"
          value={text}
          onChange={(find) => change({ find })}
          width={280}
        />
        <Pick
          label="Team"
          value={team}
          choices={[{ value: "all", label: "Any" }, ...teams.map((name) => ({ value: name, label: name }))]}
          onChange={(next) => change({ team: next === "all" ? null : next })}
        />
      </div>
      {query.error && !services ? (
        <QueryFailure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <ServicesTable services={shown} filter={text} stale={query.isError} />
      )}
    </Page>
  );
}
