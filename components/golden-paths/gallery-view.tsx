"use client";

import { ArrowRight } from "lucide-react";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { goldenPathList } from "@/server/contracts/golden-paths.ts";
import { queryKeys } from "../query/query-keys.ts";
import { usePortalQuery } from "../query/use-portal-query.ts";
import { AppLink } from "../ui/app-link.tsx";
import { Page, PageHead } from "../ui/page.tsx";
import { LoadingLine, QueryFailure } from "../ui/query-states.tsx";
import { pathTexts } from "./path-texts.ts";

/** Golden paths by need, not by kind of resource. */
export function GalleryView() {
  const query = usePortalQuery(queryKeys.goldenPaths, goldenPathList, endpoints.goldenPaths, 10_000);
  return (
    <Page>
      <PageHead title="Golden paths" sub="what do you need" />
      {query.error && !query.data && <QueryFailure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <LoadingLine>Asking which paths there are</LoadingLine>}
      <div className="gallery">
        {query.data?.paths.map((path) => {
          const Icon = pathTexts[path.slug].icon;
          return (
            <AppLink key={path.slug} href={`/golden-paths/${path.slug}`} data-testid={`path-${path.slug}`}>
              <Icon className="ic" aria-hidden="true" />
              <h2>{path.title}</h2>
              <ArrowRight className="ic ic-14 go" aria-hidden="true" />
              <p>{path.summary}</p>
              <span className="cap" style={{ gridColumn: 2 }}>
                {path.inUse}
                {!path.applicable && `${path.inUse === "" ? "" : " · "}you can look, not apply`}
              </span>
            </AppLink>
          );
        })}
      </div>
    </Page>
  );
}
