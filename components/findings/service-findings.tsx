"use client";

import { endpoints } from "@/server/contracts/endpoints.ts";
import { findingList } from "@/server/contracts/findings.ts";
import { queryKeys } from "../query/query-keys.ts";
import { usePortalQuery } from "../query/use-portal-query.ts";
import { Section } from "../ui/page.tsx";
import { QueryFailure } from "../ui/query-states.tsx";
import { FindingList } from "./finding-list.tsx";

const everyMs = 10_000;

/** What is wrong, or means nothing, in the rules of a service as they are; nothing at all where all is well. */
export function ServiceFindings({ namespace, name }: { readonly namespace: string; readonly name: string }) {
  const query = new URLSearchParams({ namespace, service: name }).toString();
  const list = usePortalQuery(queryKeys.findings(query), findingList, `${endpoints.findings}?${query}`, everyMs);
  if (list.error && !list.data) {
    return (
      <Section className="block" title="Findings">
        <QueryFailure error={list.error} onRetry={() => void list.refetch()} />
      </Section>
    );
  }
  if (!list.data || list.data.findings.length === 0) {
    return null;
  }
  const more = list.data.total - list.data.findings.length;
  return (
    <Section className="block" title="Findings" sub="in the rules as they are, whoever wrote them">
      <FindingList findings={list.data.findings} />
      {more > 0 && <p className="cap">and {more} more</p>}
    </Section>
  );
}
