"use client";

import { type ChangeSummary, changeList } from "@/server/contracts/changes.ts";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { queryKeys } from "../query/query-keys.ts";
import { useMe } from "../query/use-me.tsx";
import { usePortalQuery } from "../query/use-portal-query.ts";
import { waitsForMe } from "./change-words.ts";

const everyMs = 5000;
const waiting = "state=waiting&limit=200";

interface Waiting {
  /** They wait for the signed-in person's word; undefined while it is not known. */
  readonly forMe: readonly ChangeSummary[] | undefined;
  /** The person proposed them, and others have to agree. */
  readonly mine: readonly ChangeSummary[] | undefined;
}

/** Changes that wait for approval, from where the signed-in person stands. */
export function useWaiting(): Waiting {
  const me = useMe();
  const list = usePortalQuery(queryKeys.changes(waiting), changeList, `${endpoints.changes}?${waiting}`, everyMs);
  const changes = list.data?.changes;
  return {
    forMe: changes?.filter(waitsForMe),
    mine: changes?.filter(({ author }) => author.id === me.user.id),
  };
}
