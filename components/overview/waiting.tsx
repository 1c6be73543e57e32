"use client";

import { GitPullRequestArrow, Hourglass } from "lucide-react";
import type { ChangeSummary } from "@/server/contracts/changes.ts";
import { stillAsked } from "../changes/change-words.ts";
import { useWaiting } from "../changes/use-waiting.ts";
import { AppLink } from "../ui/app-link.tsx";
import { LinkButton } from "../ui/button.tsx";
import { Countdown } from "../ui/countdown.tsx";
import { Section } from "../ui/page.tsx";
import { Skeleton } from "../ui/states.tsx";
import { TimeAgo } from "../ui/time-ago.tsx";

const shownMost = 5;

/** What waits for the word of the person, and what of theirs waits for others. */
export function WaitingLists() {
  const { forMe, mine } = useWaiting();
  return (
    <>
      <Section
        title="Waits for you"
        sub={forMe && forMe.length > 0 ? String(forMe.length) : undefined}
        end={
          forMe && forMe.length > shownMost ? (
            <AppLink className="link xs" href="/changes?for=me">
              All of them
            </AppLink>
          ) : undefined
        }
      >
        {forMe === undefined && <Skeleton width={220} />}
        {forMe?.length === 0 && <p className="cap">No change needs your word.</p>}
        {forMe && forMe.length > 0 && (
          <ul className="waits" data-testid="waits-for-you">
            {forMe.slice(0, shownMost).map((change, index) => (
              <li key={change.id}>
                <span className="c-accent">
                  <GitPullRequestArrow className="ic" aria-hidden="true" />
                </span>
                <div className="grow">
                  <div className="med" style={{ lineHeight: "18px" }}>
                    {change.title}
                  </div>
                  <div className="cap">
                    {change.author.name}, <TimeAgo at={change.createdUnixMs} />
                    <Ends change={change} />
                  </div>
                </div>
                <LinkButton size="s" href={`/changes/${change.id}`} {...(index === 0 && { look: "primary" })}>
                  Review
                </LinkButton>
              </li>
            ))}
          </ul>
        )}
      </Section>
      {mine && mine.length > 0 && (
        <Section title="You wait for" sub={String(mine.length)}>
          <ul className="waits" data-testid="you-wait-for">
            {mine.slice(0, shownMost).map((change) => (
              <li key={change.id}>
                <span className="c-info">
                  <Hourglass className="ic" aria-hidden="true" />
                </span>
                <div className="grow">
                  <div className="med" style={{ lineHeight: "18px" }}>
                    {change.title}
                  </div>
                  <div className="cap">
                    {stillAsked(change.approvals)}
                    <Ends change={change} />
                  </div>
                </div>
                <LinkButton size="s" href={`/changes/${change.id}`}>
                  See
                </LinkButton>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}

function Ends({ change: { expiresUnixMs } }: { readonly change: ChangeSummary }) {
  return expiresUnixMs === null ? null : (
    <>
      , ends <Countdown until={expiresUnixMs} otherwise="any moment" />
    </>
  );
}
