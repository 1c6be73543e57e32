"use client";

import { Plus, Split } from "lucide-react";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { rolloutList, rolloutState } from "@/server/contracts/rollouts.ts";
import { queryKeys } from "../../query/query-keys.ts";
import { useUrlState } from "../../query/url-state.ts";
import { useMe } from "../../query/use-me.tsx";
import { usePortalQuery } from "../../query/use-portal-query.ts";
import { Button, LinkButton } from "../../ui/button.tsx";
import { Pick } from "../../ui/menu.tsx";
import { Page, PageHead } from "../../ui/page.tsx";
import { QueryFailure } from "../../ui/query-states.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { Empty } from "../../ui/states.tsx";
import { byActivity, stateWords } from "../words/rollout-words.ts";
import { Bundles } from "./bundles.tsx";
import { servicesOf, usedServices } from "./list-filter.ts";
import { RolloutsTable } from "./rollouts-table.tsx";

const pageSize = 50;
const everyMs = 3000;

/** Releases: what runs, what waits, what came of the others. */
export function RolloutsView() {
  const me = useMe();
  const { parameters, change } = useUrlState();
  const state = rolloutState.safeParse(parameters.get("state"));
  const active = parameters.get("show") === "active";
  const service = servicesOf(parameters.get("service"));
  const limit = Math.min(200, Number(parameters.get("limit")) || pageSize);
  const query = new URLSearchParams({ limit: String(limit) });
  if (state.success) {
    query.set("state", state.data);
  }
  if (active) {
    query.set("active", "true");
  }
  if (service) {
    query.set("namespace", service.namespace);
    query.set("service", service.name);
  }
  const list = usePortalQuery(
    queryKeys.rollouts(query.toString()),
    rolloutList,
    `${endpoints.rollouts}?${query}`,
    everyMs,
  );
  const rollouts = list.data && [...list.data.rollouts].sort(byActivity);
  const filtered = state.success || active || service !== null;
  const serviceKey = service ? `${service.namespace}/${service.name}` : "any";
  return (
    <Page>
      <PageHead title="Rollouts" sub="new versions, a share of the calls at a time">
        {me.capabilities.preview && (
          <>
            <LinkButton href="/rollouts/bundle" data-testid="new-bundle">
              New bundle
            </LinkButton>
            <LinkButton href="/rollouts/new" look="primary" icon={Plus} data-testid="new-release">
              New release
            </LinkButton>
          </>
        )}
      </PageHead>
      <div className="filters">
        <Pick
          label="State"
          value={state.success ? state.data : "any"}
          choices={[
            { value: "any", label: "Any" },
            ...rolloutState.options.map((value) => ({ value, label: stateWords[value] })),
          ]}
          onChange={(next) => change({ state: next === "any" ? null : next })}
        />
        <Pick
          label="Service"
          value={serviceKey}
          choices={[
            { value: "any", label: "Any" },
            ...usedServices(rollouts ?? [], service).map(({ namespace, name }) => ({
              value: `${namespace}/${name}`,
              label: name,
              ...(namespace !== name && { hint: namespace }),
            })),
          ]}
          onChange={(next) => change({ service: next === "any" ? null : next })}
        />
        <span className="grow" />
        <Segmented
          label="Which releases"
          value={active ? "active" : "all"}
          options={[
            { value: "all", label: "All" },
            { value: "active", label: "Not over" },
          ]}
          onChange={(next) => change({ show: next === "active" ? "active" : null })}
        />
      </div>
      {!filtered && <Bundles />}
      {list.error && !rollouts && <QueryFailure error={list.error} onRetry={() => void list.refetch()} />}
      {rollouts?.length === 0 && (
        <Empty
          icon={Split}
          title={filtered ? "No such release" : "No release yet"}
          action={
            filtered ? (
              <Button size="s" onClick={() => change({ state: null, service: null, show: null })}>
                Show all releases
              </Button>
            ) : (
              me.capabilities.preview && (
                <LinkButton href="/rollouts/new" size="s">
                  Release a version gradually
                </LinkButton>
              )
            )
          }
        >
          {filtered
            ? "Widen the filters to see more."
            : "A new version gets a small share of the calls, is compared with the old one, and gets more or goes back by itself."}
        </Empty>
      )}
      {(rollouts === undefined ? !list.error : rollouts.length > 0) && (
        <RolloutsTable rollouts={rollouts} stale={list.isError} />
      )}
      {list.data?.more && limit < 200 && (
        <div style={{ padding: "var(--s-4) var(--page-x)" }}>
          <Button onClick={() => change({ limit: String(limit + pageSize) })}>Show older releases</Button>
        </div>
      )}
    </Page>
  );
}
