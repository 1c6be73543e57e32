"use client";

import { ArrowRight, CircleCheck, Eye, Lock, SearchX } from "lucide-react";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { type PathGroup, pathGroup } from "@/server/contracts/golden-paths/slug.ts";
import { type GoldenPathList, goldenPathList } from "@/server/contracts/golden-paths.ts";
import { pathHref } from "../query/prefilled-href.ts";
import { queryKeys } from "../query/query-keys.ts";
import { useUrlState } from "../query/url-state.ts";
import { usePortalQuery } from "../query/use-portal-query.ts";
import { AppLink } from "../ui/app-link.tsx";
import { Button } from "../ui/button.tsx";
import { plural } from "../ui/format.ts";
import { Page, PageHead } from "../ui/page.tsx";
import { QueryFailure } from "../ui/query-states.tsx";
import { SearchBox } from "../ui/search-box.tsx";
import { Empty, Skeleton } from "../ui/states.tsx";
import { findPaths } from "./find-paths.ts";
import { groupTitles, pathTexts } from "./path-texts.ts";

type PathEntry = GoldenPathList["paths"][number];

/** Golden paths by need, not by kind of resource. */
export function GalleryView() {
  const { parameters, change } = useUrlState();
  const find = parameters.get("find") ?? "";
  const query = usePortalQuery(queryKeys.goldenPaths, goldenPathList, endpoints.goldenPaths, 10_000);
  const paths = query.data && findPaths(query.data.paths, find);
  return (
    <Page>
      <PageHead title="Golden paths" sub="what do you need" />
      {query.error && !query.data ? (
        <QueryFailure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <>
          <div className="gallery-bar">
            <SearchBox
              label="Find a golden path"
              placeholder="Find by need, or by Istio's word for it"
              width={320}
              value={find}
              onChange={(text) => change({ find: text })}
            />
            {paths && (
              <span className="cap nowrap" aria-live="polite">
                {find === "" ? plural(paths.length, "path") : `${paths.length} of ${query.data.paths.length}`}
              </span>
            )}
          </div>
          {!paths && <WaitingGroup />}
          {paths?.length === 0 && (
            <Empty
              icon={SearchX}
              title={`No path for “${find}”`}
              action={
                <Button size="s" onClick={() => change({ find: null })}>
                  Show all paths
                </Button>
              }
            >
              Say what you need, such as “slow”, “limit” or “release”; names such as VirtualService find it too.
            </Empty>
          )}
          {paths &&
            pathGroup.options.map((group) => (
              <Group key={group} group={group} paths={paths.filter((path) => path.group === group)} />
            ))}
        </>
      )}
    </Page>
  );
}

function Group({ group, paths }: { readonly group: PathGroup; readonly paths: readonly PathEntry[] }) {
  if (paths.length === 0) {
    return null;
  }
  return (
    <section aria-labelledby={`group-${group}`}>
      <div className="gallery-group">
        <h2 className="h2" id={`group-${group}`}>
          {groupTitles[group]}
        </h2>
      </div>
      <div className="gallery">
        {paths.map((path) => (
          <Entry key={path.slug} path={path} />
        ))}
      </div>
    </section>
  );
}

function Entry({ path }: { readonly path: PathEntry }) {
  const Icon = pathTexts[path.slug].icon;
  return (
    <AppLink href={pathHref(path.slug)} data-testid={`path-${path.slug}`}>
      <Icon className="ic" aria-hidden="true" />
      <h3>{path.title}</h3>
      <ArrowRight className="ic ic-14 go" aria-hidden="true" />
      <p>{path.summary}</p>
      <span className="foot">
        {path.inUse !== "" && (
          <span className="cap">
            {!/^0\b/.test(path.inUse) && <CircleCheck className="ic c-ok" aria-hidden="true" />}
            {path.inUse}
          </span>
        )}
        {path.restricted !== "" ? (
          <span className="cap" title={path.restricted}>
            <Lock className="ic" aria-hidden="true" />
            {path.restricted}
          </span>
        ) : (
          !path.applicable && (
            <span className="cap">
              <Eye className="ic" aria-hidden="true" />
              you can look, not apply
            </span>
          )
        )}
      </span>
    </AppLink>
  );
}

const waiting = [120, 150, 96, 140, 110, 130] as const;

function WaitingGroup() {
  return (
    <div className="gallery is-loading" aria-hidden="true">
      {waiting.map((width) => (
        <div key={width} className="is-waiting">
          <Skeleton width={width} />
          <Skeleton width={width * 1.7} />
          <Skeleton width={width * 0.6} />
        </div>
      ))}
    </div>
  );
}
