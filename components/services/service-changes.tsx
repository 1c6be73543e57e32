import type { ChangeSummary } from "@/server/contracts/changes.ts";
import { ChangeStateBadge } from "../changes/change-state-badge.tsx";
import { AppLink } from "../ui/app-link.tsx";
import { TimeAgo } from "../ui/time-ago.tsx";

/** Changes that touched a service. */
export function ServiceChanges({ changes }: { readonly changes: readonly ChangeSummary[] }) {
  if (changes.length === 0) {
    return (
      <p className="cap" style={{ padding: "14px var(--page-x)" }}>
        No change touched it yet.
      </p>
    );
  }
  return (
    <ul style={{ padding: "6px var(--page-x)" }}>
      {changes.map((change) => (
        <li key={change.id} className="line">
          <ChangeStateBadge state={change.state} />
          <span className="grow">
            <AppLink className="rowlink svc" href={`/changes/${change.id}`}>
              {change.title}
            </AppLink>
            <span className="cap" style={{ display: "block" }}>
              {change.receipt?.message ?? change.failure}
            </span>
          </span>
          <span className="t2 sm">
            {change.author.name}, <TimeAgo at={change.createdUnixMs} />
          </span>
        </li>
      ))}
    </ul>
  );
}
