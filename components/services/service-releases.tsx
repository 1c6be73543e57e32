"use client";

import { Split } from "lucide-react";
import { endpoints } from "@/server/contracts/endpoints.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import { rolloutList } from "@/server/contracts/rollouts.ts";
import { queryKeys } from "../query/query-keys.ts";
import { useMe } from "../query/use-me.tsx";
import { usePortalQuery } from "../query/use-portal-query.ts";
import { RolloutsTable } from "../rollouts/list/rollouts-table.tsx";
import { newReleaseHref } from "../rollouts/new-release-href.ts";
import { byActivity } from "../rollouts/words/rollout-words.ts";
import { LinkButton } from "../ui/button.tsx";
import { QueryFailure } from "../ui/query-states.tsx";
import { Empty } from "../ui/states.tsx";

/** Releases of a service: the one that runs, those that wait, and what came of the others. */
export function ServiceReleases({ service }: { readonly service: ServiceRef }) {
  const me = useMe();
  const query = `namespace=${service.namespace}&service=${service.name}&limit=50`;
  const list = usePortalQuery(queryKeys.rollouts(query), rolloutList, `${endpoints.rollouts}?${query}`, 3000);
  const rollouts = list.data && [...list.data.rollouts].sort(byActivity);
  const begin = me.capabilities.preview && (
    <LinkButton href={newReleaseHref({ service })} icon={Split} size="s" data-testid="release-new-version">
      Release a new version
    </LinkButton>
  );
  if (list.error && !rollouts) {
    return <QueryFailure error={list.error} onRetry={() => void list.refetch()} />;
  }
  if (rollouts?.length === 0) {
    return (
      <Empty icon={Split} title="No release yet" action={begin}>
        A new version gets a small share of the calls, is compared with the old one, and gets more or goes back by
        itself.
      </Empty>
    );
  }
  return (
    <>
      {begin && (
        <div className="row" style={{ padding: "var(--s-3) var(--page-x) var(--s-1)" }}>
          {begin}
        </div>
      )}
      <RolloutsTable rollouts={rollouts} stale={list.isError} />
    </>
  );
}
