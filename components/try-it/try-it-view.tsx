"use client";

import { useSearchParams } from "next/navigation";
import { useState } from "react";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { tryOptions } from "@/server/contracts/try-it.ts";
import { queryKeys } from "../query/query-keys.ts";
import { usePortalQuery } from "../query/use-portal-query.ts";
import { Page, PageHead } from "../ui/page.tsx";
import { LoadingLine, QueryFailure } from "../ui/query-states.tsx";
import { type InitialTry, keyOf, TryForm } from "./try-form.tsx";
import { tryRequestOf } from "./try-href.ts";
import { TryResults } from "./try-results.tsx";
import { useTry } from "./use-try.ts";

/** Real requests from a real pod, or from outside: the whole story without a terminal. */
export function TryItView() {
  const search = useSearchParams();
  const [initial] = useState(() => initialOf(search));
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
            initial={initial}
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

/** What the address fills in: a whole request, or caller and address. */
function initialOf(search: Pick<URLSearchParams, "get">): InitialTry {
  const { source, method, url, headers, body, count } = tryRequestOf(search.get("request"));
  const as = source === undefined ? search.get("as") : keyOf(source);
  const address = url ?? search.get("url");
  return {
    ...(as !== null && { as }),
    ...(address !== null && { url: address }),
    ...(method && { method }),
    ...(headers && { headers }),
    ...(body !== undefined && { body }),
    ...(count !== undefined && { count }),
  };
}
