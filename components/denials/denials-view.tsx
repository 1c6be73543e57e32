"use client";

import { Ban, Download } from "lucide-react";
import { type DenialGroup, denialList, denialReason } from "@/server/contracts/denials.ts";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { hop } from "@/server/contracts/names.ts";
import { useTimeWindow } from "../query/live.tsx";
import { queryKeys } from "../query/query-keys.ts";
import { windowWords } from "../query/time-window.ts";
import { useUrlState } from "../query/url-state.ts";
import { usePortalQuery } from "../query/use-portal-query.ts";
import { Button, LinkButton } from "../ui/button.tsx";
import { count, plural, share, textOf } from "../ui/format.ts";
import { Pick } from "../ui/menu.tsx";
import { Page, PageHead } from "../ui/page.tsx";
import { QueryFailure } from "../ui/query-states.tsx";
import { SearchBox } from "../ui/search-box.tsx";
import { Segmented } from "../ui/segmented.tsx";
import { Empty } from "../ui/states.tsx";
import { DenialTable } from "./denial-table.tsx";
import { denialsCsv } from "./denials-csv.ts";
import { EveryRequest } from "./every-request.tsx";
import { reasonTitles } from "./reason-titles.ts";

/** Every refusal, grouped, with who decided and what to do about it. */
export function DenialsView() {
  const window_ = useTimeWindow();
  const { parameters, change } = useUrlState();
  const text = parameters.get("find") ?? "";
  const hopFilter = hop.safeParse(parameters.get("hop"));
  const reasonFilter = denialReason.safeParse(parameters.get("reason"));
  const caller = parameters.get("caller") ?? "any";
  const every = parameters.get("view") === "every";
  const search = new URLSearchParams({ window: String(window_.seconds) });
  if (hopFilter.success) {
    search.set("hop", hopFilter.data);
  }
  if (reasonFilter.success) {
    search.set("reason", reasonFilter.data);
  }
  if (caller !== "any") {
    search.set("caller", caller);
  }
  const query = usePortalQuery(
    queryKeys.denials(search.toString()),
    denialList,
    `${endpoints.denials}?${search}`,
    2000,
  );
  const groups = query.data?.groups;
  const wanted = text.trim().toLowerCase();
  const shown = groups?.filter((group) => textOfGroup(group).includes(wanted));
  const callers = [...new Map((groups ?? []).map((group) => [group.from, group.caller.title]))];
  if (caller !== "any" && !callers.some(([id]) => id === caller)) {
    callers.push([caller, caller]);
  }
  return (
    <Page>
      <PageHead title="Why was it denied" sub={query.data && summary(query.data)}>
        <Button
          icon={Download}
          disabled={!shown || shown.length === 0}
          onClick={() =>
            shown && save(denialsCsv(shown), `denials-${new Date().toISOString().slice(0, 16).replace(":", "")}.csv`)
          }
        >
          Export
        </Button>
      </PageHead>
      <div className="filters">
        <SearchBox
          label="Filter"
          placeholder="Caller, service, path or policy"
          value={text}
          onChange={(find) => change({ find })}
          width={300}
        />
        <Pick
          label="Caller"
          value={caller}
          choices={[{ value: "any", label: "Any" }, ...callers.map(([value, label]) => ({ value, label }))]}
          onChange={(next) => change({ caller: next === "any" ? null : next })}
        />
        <Pick
          label="Decided at"
          value={hopFilter.success ? hopFilter.data : "any"}
          choices={[
            { value: "any", label: "Any hop" },
            { value: "agent", label: "Agent" },
            { value: "waypoint", label: "Waypoint" },
            { value: "gateway", label: "Gateway" },
          ]}
          onChange={(next) => change({ hop: next === "any" ? null : next })}
        />
        <Pick
          label="Reason"
          value={reasonFilter.success ? reasonFilter.data : "any"}
          choices={[
            { value: "any", label: "Any" },
            ...denialReason.options.map((value) => ({ value, label: reasonTitles[value] })),
          ]}
          onChange={(next) => change({ reason: next === "any" ? null : next })}
        />
        <span className="grow" />
        <Segmented
          label="View"
          value={every ? "every" : "grouped"}
          options={[
            { value: "grouped", label: "Grouped" },
            { value: "every", label: "Every request" },
          ]}
          onChange={(next) => change({ view: next === "every" ? "every" : null })}
        />
      </div>
      {query.error && !groups && <QueryFailure error={query.error} onRetry={() => void query.refetch()} />}
      {shown?.length === 0 && (
        <Empty
          icon={Ban}
          title={
            groups?.length === 0
              ? `Nothing was denied in the last ${windowWords(window_.seconds)}`
              : "No refusal fits these filters"
          }
          action={
            <>
              {window_.name !== "1h" && (
                <Button size="s" onClick={() => window_.set("1h")}>
                  Last hour
                </Button>
              )}
              <LinkButton size="s" href="/try-it">
                Try it
              </LinkButton>
            </>
          }
        >
          {groups?.length === 0
            ? "Widen the time, or send a request that should fail."
            : "Widen the filters to see more."}
        </Empty>
      )}
      {every ? (
        <EveryRequest search={search.toString()} filter={wanted} />
      ) : (
        (shown === undefined ? !query.error : shown.length > 0) && (
          <DenialTable
            groups={shown}
            windowSeconds={query.data?.windowSeconds ?? window_.seconds}
            open={parameters.get("open")}
            setOpen={(id) => change({ open: id })}
          />
        )
      )}
    </Page>
  );
}

function summary({
  groups,
  refusals,
  windowSeconds,
  share: part,
}: {
  groups: readonly unknown[];
  refusals: number;
  windowSeconds: number;
  share: number | null;
}): string {
  const all = part === null ? "" : `, ${textOf(share(part))} of all`;
  return `${plural(groups.length, "reason")}, ${count(refusals)} ${refusals === 1 ? "refusal" : "refusals"} in the last ${windowWords(windowSeconds)}${all}`;
}

function textOfGroup(group: DenialGroup): string {
  const { caller, service, policy } = group;
  return `${caller.title} ${caller.namespace} ${caller.principal} ${service.namespace}/${service.name} ${group.method} ${group.path} ${group.reasonTitle} ${policy ? `${policy.namespace}/${policy.name}` : ""}`.toLowerCase();
}

function save(text: string, name: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
