import { GitPullRequest, TriangleAlert, Undo2 } from "lucide-react";
import type { ChangeSummary } from "@/server/contracts/changes.ts";
import { pathTexts } from "../golden-paths/path-texts.ts";
import { AppLink } from "../ui/app-link.tsx";
import { LinkButton } from "../ui/button.tsx";
import { Section } from "../ui/page.tsx";
import { Skeleton } from "../ui/states.tsx";
import { TimeAgo } from "../ui/time-ago.tsx";

/** The glyph of a change, by its path; an undo has its own. */
export function ChangeGlyph({ change }: { readonly change: ChangeSummary }) {
  const { icon, tone } = change.undoOf ? { icon: Undo2, tone: "t3" } : pathTexts[change.slug];
  const Icon = icon;
  return (
    <span className={tone}>
      <Icon className="ic ic-14" aria-hidden="true" />
    </span>
  );
}

/** Changes that are being applied or failed. */
export function Attention({ changes }: { readonly changes: readonly ChangeSummary[] | undefined }) {
  return (
    <Section
      title="Needs attention"
      sub={changes && changes.length > 0 ? String(changes.length) : undefined}
      end={
        <AppLink className="link xs" href="/changes">
          All changes
        </AppLink>
      }
    >
      {changes === undefined && <Skeleton width={220} />}
      {changes?.length === 0 && <p className="cap">Nothing is being applied and nothing failed.</p>}
      {changes && changes.length > 0 && (
        <ul className="waits">
          {changes.map((change) => (
            <li key={change.id}>
              <span className={change.state === "failed" ? "c-warn" : "c-accent"}>
                {change.state === "failed" ? (
                  <TriangleAlert className="ic" aria-label="Failed" role="img" />
                ) : (
                  <GitPullRequest className="ic" aria-label="Applying" role="img" />
                )}
              </span>
              <div className="grow">
                <div className="med" style={{ lineHeight: "18px" }}>
                  {change.title}
                </div>
                <div className="cap">
                  {change.state === "failed" ? change.failure : (change.receipt?.message ?? "is being applied")}
                </div>
              </div>
              <LinkButton size="s" href={`/changes/${change.id}`}>
                {change.state === "failed" ? "See why" : "Follow"}
              </LinkButton>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

/** The newest changes. */
export function Lately({ changes }: { readonly changes: readonly ChangeSummary[] | undefined }) {
  return (
    <Section title="Lately">
      {changes === undefined && <Skeleton width={240} />}
      {changes?.length === 0 && <p className="cap">No change yet. The first one is a form away.</p>}
      <ol className="evs">
        {changes?.map((change) => (
          <li key={change.id}>
            <TimeAgo at={change.createdUnixMs} />
            <ChangeGlyph change={change} />
            <AppLink href={`/changes/${change.id}`}>
              {change.title} by {change.author.name}
            </AppLink>
          </li>
        ))}
      </ol>
    </Section>
  );
}
