"use client";

import { useSearchParams } from "next/navigation";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { tryOptions } from "@/server/contracts/try-it.ts";
import { queryKeys } from "../query/query-keys.ts";
import { usePortalQuery } from "../query/use-portal-query.ts";
import { Page, PageHead } from "../ui/page.tsx";
import { LoadingLine, QueryFailure } from "../ui/query-states.tsx";
import { TryForm } from "./try-form.tsx";
import { TryResults } from "./try-results.tsx";
import { useTry } from "./use-try.ts";

/** Real requests from a real pod, or from outside: the whole story without a terminal. */
export function TryItView() {
  const search = useSearchParams();
  const { run, send, stop } = useTry();
  const options = usePortalQuery(queryKeys.tryOptions, tryOptions, endpoints.tryIt, 10_000);
  return (
    <Page className="try">
      <div className="try-form">
        <PageHead title="Try it" sub="real requests from a real pod" />
        {options.error && !options.data && (
          <QueryFailure error={options.error} onRetry={() => void options.refetch()} />
        )}
        {options.isPending && <LoadingLine>Asking who can send</LoadingLine>}
        {options.data && (
          <TryForm
            options={options.data}
            initialAs={search.get("as")}
            initialUrl={search.get("url")}
            running={run?.running ?? false}
            onSend={send}
            onStop={stop}
          />
        )}
      </div>
      <TryResults run={run} />
    </Page>
  );
}
