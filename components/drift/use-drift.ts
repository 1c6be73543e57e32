"use client";

import { driftList } from "@/server/contracts/drift.ts";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { queryKeys } from "../query/query-keys.ts";
import { usePortalQuery } from "../query/use-portal-query.ts";

const everyMs = 10_000;

/** What others changed of resources that golden paths made, in some namespace, of one service, or anywhere. */
export function useDrift(of: { readonly namespace?: string; readonly service?: string } = {}) {
  const query = new URLSearchParams(of).toString();
  return usePortalQuery(
    queryKeys.drift(query),
    driftList,
    query === "" ? endpoints.drift : `${endpoints.drift}?${query}`,
    everyMs,
  );
}
