"use client";

import { CircleCheck } from "lucide-react";
import { useUrlState } from "../query/url-state.ts";
import { LinkButton } from "../ui/button.tsx";
import { plural } from "../ui/format.ts";
import { Pick } from "../ui/menu.tsx";
import { Page, PageHead } from "../ui/page.tsx";
import { LoadingLine, QueryFailure } from "../ui/query-states.tsx";
import { Empty } from "../ui/states.tsx";
import { TimeAgo } from "../ui/time-ago.tsx";
import { DriftEntry } from "./drift-entry.tsx";
import { keyOf } from "./drift-words.ts";
import { useDrift } from "./use-drift.ts";

/** What others changed behind the forms' back, never overwritten silently. */
export function DriftView() {
  const { parameters, change } = useUrlState();
  const namespace = parameters.get("namespace") ?? "any";
  const list = useDrift();
  const items = list.data?.items;
  const namespaces = [...new Set(items?.map(({ resource }) => resource.namespace))].sort();
  if (namespace !== "any" && !namespaces.includes(namespace)) {
    namespaces.push(namespace);
  }
  const shown = items?.filter(({ resource }) => namespace === "any" || resource.namespace === namespace);
  return (
    <Page>
      <PageHead
        title="Changed by others"
        sub={
          list.data && (
            <>
              {plural(list.data.items.length, "resource")} that {list.data.items.length === 1 ? "differs" : "differ"}{" "}
              from the form; looked at: <TimeAgo at={list.data.checkedUnixMs} />
            </>
          )
        }
      />
      <div className="filters">
        <Pick
          label="Namespace"
          value={namespace}
          choices={[
            { value: "any", label: "Any" },
            ...namespaces.map((value) => ({ value, label: value === "" ? "whole cluster" : value })),
          ]}
          onChange={(next) => change({ namespace: next === "any" ? null : next })}
        />
      </div>
      {list.isPending && <LoadingLine>Comparing what is live with the forms</LoadingLine>}
      {list.error && !list.data && <QueryFailure error={list.error} onRetry={() => void list.refetch()} />}
      {shown?.length === 0 && (
        <Empty
          icon={CircleCheck}
          title={items?.length === 0 ? "Nothing was changed by others" : "Nothing was changed here"}
          action={
            <LinkButton size="s" href="/changes">
              See the changes
            </LinkButton>
          }
        >
          What golden paths wrote is live as they wrote it. When somebody edits it by another way, both versions stand
          here.
        </Empty>
      )}
      {shown?.map((item) => (
        <DriftEntry key={keyOf(item)} item={item} />
      ))}
    </Page>
  );
}
