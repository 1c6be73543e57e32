"use client";

import { endpoints } from "@/server/contracts/endpoints.ts";
import { teams } from "@/server/contracts/me.ts";
import { queryKeys } from "../query/query-keys.ts";
import { useMe } from "../query/use-me.tsx";
import { usePortalQuery } from "../query/use-portal-query.ts";
import { AppLink } from "../ui/app-link.tsx";
import { Badge } from "../ui/badge.tsx";
import { plural } from "../ui/format.ts";
import { Page, PageHead, Section } from "../ui/page.tsx";
import { LoadingLine, QueryFailure } from "../ui/query-states.tsx";
import { ScrollX } from "../ui/scroll-x.tsx";

const roleWords = {
  viewer: "viewer",
  developer: "developer",
  platform: "platform engineer",
  auditor: "auditor",
} as const;

/** Who owns what, and what oneself may do. */
export function TeamsView() {
  const me = useMe();
  const query = usePortalQuery(queryKeys.teams, teams, endpoints.teams, 15_000);
  const { capabilities } = me;
  return (
    <Page>
      <PageHead title="Teams and access" sub="teams own namespaces" />
      <Section className="block" title="You" sub={me.roles.map((role) => roleWords[role]).join(", ")}>
        <ul className="sm t2 stack" style={{ gap: 2 }}>
          <li>
            {capabilities.applyEverywhere
              ? "You may apply golden paths in every namespace and mesh-wide."
              : capabilities.applyIn.length > 0
                ? `You may apply golden paths in ${capabilities.applyIn.join(", ")}.`
                : "You may look at everything and apply nothing."}
          </li>
          <li>
            {capabilities.tryIt
              ? "You may send requests as the workloads of these namespaces."
              : "You may not send requests."}
          </li>
          <li>
            {capabilities.readAudit
              ? "You may read and export the audit."
              : "The audit is for auditors and platform engineers."}
          </li>
        </ul>
      </Section>
      {query.error && !query.data && <QueryFailure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <LoadingLine>Reading the teams</LoadingLine>}
      {query.data && (
        <ScrollX label="Members and namespaces" style={{ borderTop: "1px solid var(--line)" }}>
          <table className="table" style={{ "--pad-x": "var(--page-x)" } as React.CSSProperties}>
            <thead>
              <tr>
                <th scope="col">Team</th>
                <th scope="col">Namespaces</th>
                <th scope="col">Services</th>
                <th scope="col">Members</th>
              </tr>
            </thead>
            <tbody>
              {query.data.teams.map((team) => (
                <tr key={team.name}>
                  <td>
                    <AppLink className="svc rowlink" href={`/?team=${encodeURIComponent(team.name)}`}>
                      {team.title === "" ? team.name : team.title}
                    </AppLink>{" "}
                    {me.teams.some((mine) => mine.name === team.name) && <Badge tone="accent">yours</Badge>}
                  </td>
                  <td className="t2">
                    {team.namespaces.length === 0 ? <span className="t3">none</span> : team.namespaces.join(", ")}
                  </td>
                  <td className="tn t2">{plural(team.services, "service")}</td>
                  <td>
                    <span className="row">
                      {team.members.map((member) => (
                        <span key={member.id} className="row row-1" title={roleWords[member.role]}>
                          <span className="avatar is-s" aria-hidden="true">
                            {member.initials}
                          </span>
                          {member.name}
                        </span>
                      ))}
                      {team.members.length === 0 && <span className="t3">nobody</span>}
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {query.data.unowned.length > 0 && (
            <p className="cap" style={{ padding: "12px var(--page-x)" }}>
              Owned by no team, so only platform engineers change them: {query.data.unowned.join(", ")}.
            </p>
          )}
        </ScrollX>
      )}
    </Page>
  );
}
